// SPDX-License-Identifier: GPL-2.0
/* nslens graph: the hierarchy of namespaces, in the language of Graphviz. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "nslens.h"
#include "nstype.h"
#include "options.h"

enum { OPT_KTHREADS = OPT_LONG };

static const struct opt opts[] = {
	{ "kthreads", OPT_KTHREADS, NULL, "kernel threads, too" },
	{ NULL }
};

static void more_help(FILE *out)
{
	fprintf(out, "\n"
		"PID namespaces are boxes within each other, with the user namespaces of their\n"
		"tasks inside; other namespaces are linked to the tasks that share them, but for\n"
		"those that most have: the ones of the first task. nslens graph | dot -Tsvg\n");
}

static const struct usage usage = {
	.verb = "graph",
	.args = "",
	.about = "Print PID and user namespaces, their tasks and what they share, as DOT.",
	.opts = opts,
	.more = more_help,
};

#define NAME_SIZE	64

/* A task, as it is drawn. */
struct node {
	__u32 pid;
	__u32 inside;
	__u32 ns[NR_NS_TYPES];
	char name[NAME_SIZE];
};

/* A PID or user namespace. */
struct box {
	__u32 type;
	__u32 ino;
	__u32 parent;
};

/**
 * struct graph - what is drawn
 * @nodes: the tasks
 * @nr_nodes: how many
 * @node_room: how many there is room for
 * @boxes: PID and user namespaces
 * @nr_boxes: how many
 * @box_room: how many there is room for
 * @kthreads: kernel threads, too
 * @clusters: how many user namespaces were drawn, which makes names unique
 */
struct graph {
	struct node *nodes;
	size_t nr_nodes;
	size_t node_room;
	struct box *boxes;
	size_t nr_boxes;
	size_t box_room;
	bool kthreads;
	unsigned int clusters;
};

static void *next_of(void **array, size_t *nr, size_t *room, size_t size)
{
	if (*nr == *room) {
		size_t more = 2 * *room + 64;
		void *grown = realloc(*array, more * size);

		if (!grown)
			return NULL;
		*array = grown;
		*room = more;
	}
	return (char *)*array + (*nr)++ * size;
}

/* Text within quotes: a command name can hold any byte. */
static void quote(char *to, const char *text, size_t size)
{
	char *end = to + size - 1;

	for (; *text && to < end; text++)
		*to++ = *text < 0x20 || *text > 0x7e || *text == '"' ||
			*text == '\\' ? '?' : *text;
	*to = '\0';
}

static int add_node(const struct nslens_task *task, void *arg)
{
	struct graph *graph = arg;
	struct node *node;

	if (!task->pids.nr || (task->flags & NSLENS_TASK_FLAG_KTHREAD &&
			       !graph->kthreads))
		return 0;
	node = next_of((void **)&graph->nodes, &graph->nr_nodes,
		       &graph->node_room, sizeof(*node));
	if (!node)
		return -ENOMEM;
	memset(node, 0, sizeof(*node));
	node->pid = task->pids.at[0];
	node->inside = task->pids.at[task->pids.nr - 1];
	quote(node->name, task->comm, sizeof(node->name));
	if (task->fields & NSLENS_TASK_FIELD_NS)
		for (unsigned int i = 0; i < NR_NS_TYPES && i < task->ns.nr; i++)
			node->ns[i] = task->ns.at[i];
	return 0;
}

static int add_box(const struct nslens_ns *ns, void *arg)
{
	struct graph *graph = arg;
	struct box *box;

	if (ns->type != NSLENS_NS_TYPE_PID && ns->type != NSLENS_NS_TYPE_USER)
		return 0;
	box = next_of((void **)&graph->boxes, &graph->nr_boxes,
		      &graph->box_room, sizeof(*box));
	if (!box)
		return -ENOMEM;
	*box = (struct box){ ns->type, ns->ino, ns->parent };
	return 0;
}

static const struct box *find_box(const struct graph *graph, __u32 ino)
{
	for (size_t i = 0; i < graph->nr_boxes; i++)
		if (graph->boxes[i].ino == ino)
			return &graph->boxes[i];
	return NULL;
}

/* A task of @userns is in @pidns. */
static bool is_pair(const struct graph *graph, __u32 pidns, __u32 userns)
{
	for (size_t i = 0; i < graph->nr_nodes; i++)
		if (graph->nodes[i].ns[NSLENS_NS_TYPE_PID] == pidns &&
		    graph->nodes[i].ns[NSLENS_NS_TYPE_USER] == userns)
			return true;
	return false;
}

/* The nearest ancestor of a user namespace with tasks in @pidns, or 0. */
static __u32 outer_user(const struct graph *graph, __u32 pidns, __u32 userns)
{
	const struct box *box = find_box(graph, userns);

	while (box && box->parent) {
		if (is_pair(graph, pidns, box->parent))
			return box->parent;
		box = find_box(graph, box->parent);
	}
	return 0;
}

static void indent(int depth)
{
	printf("%*s", 2 * depth, "");
}

static void open_box(const char *kind, unsigned int name, const char *type,
		     __u32 ino, int depth)
{
	indent(depth);
	printf("subgraph cluster_%s%u {\n", kind, name);
	indent(depth + 1);
	printf("label=\"%s:[%u]\"\n", type, ino);
}

static void close_box(int depth)
{
	indent(depth);
	puts("}");
}

static void print_nodes(const struct graph *graph, __u32 pidns, __u32 userns,
			int depth)
{
	for (size_t i = 0; i < graph->nr_nodes; i++) {
		const struct node *node = &graph->nodes[i];

		if (node->ns[NSLENS_NS_TYPE_PID] != pidns ||
		    node->ns[NSLENS_NS_TYPE_USER] != userns)
			continue;
		indent(depth);
		printf("t%u [label=\"%s\\n%u", node->pid, node->name,
		       node->pid);
		if (node->inside != node->pid)
			printf(" = %u", node->inside);
		puts("\"]");
	}
}

/* Namespaces nest at most 33 deep, and so do these calls and the next. */
static void print_users(struct graph *graph, __u32 pidns, __u32 outer,
			int depth)
{
	for (size_t i = 0; i < graph->nr_boxes; i++) {
		const struct box *box = &graph->boxes[i];

		if (box->type != NSLENS_NS_TYPE_USER ||
		    !is_pair(graph, pidns, box->ino) ||
		    outer_user(graph, pidns, box->ino) != outer)
			continue;
		open_box("user", graph->clusters++, "user", box->ino, depth);
		print_nodes(graph, pidns, box->ino, depth + 1);
		print_users(graph, pidns, box->ino, depth + 1);
		close_box(depth);
	}
}

/* Those below @parent; for 0, those whose parent is not there. */
static void print_pidns(struct graph *graph, __u32 parent, int depth)
{
	for (size_t i = 0; i < graph->nr_boxes; i++) {
		const struct box *box = &graph->boxes[i];

		if (box->type != NSLENS_NS_TYPE_PID || box->parent != parent)
			continue;
		open_box("pid", box->ino, "pid", box->ino, depth);
		print_users(graph, box->ino, 0, depth + 1);
		print_pidns(graph, box->ino, depth + 1);
		close_box(depth);
	}
}

static bool is_drawn_before(const struct graph *graph, size_t node, int type)
{
	for (size_t i = 0; i < node; i++)
		if (graph->nodes[i].ns[type] == graph->nodes[node].ns[type])
			return true;
	return false;
}

static void print_links(const struct graph *graph, int type)
{
	for (size_t i = 0; i < graph->nr_nodes; i++) {
		__u32 ino = graph->nodes[i].ns[type];

		if (!ino || ino == graph->nodes[0].ns[type])
			continue;
		if (!is_drawn_before(graph, i, type))
			printf("  n%u [label=\"%s:[%u]\" shape=ellipse style=dashed]\n",
			       ino, ns_types[type].name, ino);
		printf("  t%u -- n%u [style=dashed]\n", graph->nodes[i].pid,
		       ino);
	}
}

static void print_graph(struct graph *graph)
{
	puts("graph nslens {\n"
	     "  rankdir=LR\n"
	     "  node [shape=box fontname=monospace fontsize=10]\n"
	     "  graph [fontname=monospace fontsize=10 labeljust=l]");
	print_pidns(graph, 0, 1);
	/* Those whose namespaces are hidden are in none of the boxes. */
	print_nodes(graph, 0, 0, 1);
	for (int type = 0; type < NR_NS_TYPES; type++)
		if (type != NSLENS_NS_TYPE_PID && type != NSLENS_NS_TYPE_USER)
			print_links(graph, type);
	puts("}");
}

/**
 * cmd_graph() - print the hierarchy as DOT
 * @argc: of the verb
 * @argv: likewise
 *
 * Return: the exit status.
 */
int cmd_graph(int argc, char **argv)
{
	struct nslens_task_filter filter = {
		.fields = NSLENS_TASK_FIELD_PIDS | NSLENS_TASK_FIELD_NS |
			  NSLENS_TASK_FIELD_COMM | NSLENS_TASK_FIELD_FLAGS,
	};
	struct graph graph = { .nr_nodes = 0 };
	struct nslens_conn conn;
	int opt, err;

	while ((opt = opt_next(&usage, argc, argv)) >= 0)
		graph.kthreads |= opt == OPT_KTHREADS;
	opt_count(&usage, argc, 0, 0);
	if (lens_open(&conn))
		return EXIT_OWN;

	err = nslens_task_dump(&conn, &filter, add_node, &graph, NULL);
	if (!err)
		err = nslens_ns_dump(&conn, -1, add_box, &graph, NULL);
	if (err)
		complain("%s", conn.error);
	else
		print_graph(&graph);
	free(graph.nodes);
	free(graph.boxes);
	nslens_close(&conn);
	return err ? EXIT_OWN : 0;
}
