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
 * struct pair - the tasks of one user namespace within one PID namespace
 * @pidns: inode number of the latter
 * @outer: of the user namespace around it that has tasks in @pidns, too, or 0
 * @userns: of its own
 * @first: index of the first task
 * @nr: number of tasks, which follow each other
 */
struct pair {
	__u32 pidns;
	__u32 outer;
	__u32 userns;
	size_t first;
	size_t nr;
};

/* What has a task in it, and which. */
struct link {
	__u32 ino;
	__u32 pid;
};

/**
 * struct graph - what is drawn
 * @nodes: the tasks, by their PID namespaces and user namespaces
 * @nr_nodes: how many
 * @node_room: how many there is room for
 * @boxes: PID and user namespaces, by type and number
 * @nr_boxes: how many
 * @box_room: how many there is room for
 * @pairs: by PID namespace, outer and own user namespace
 * @nr_pairs: how many
 * @links: room for as many as there are nodes
 * @usual: namespaces of the first task, which are not drawn
 * @kthreads: kernel threads, too
 * @clusters: how many user namespaces were drawn, which makes names unique
 *
 * All is looked up in sorted arrays, so that the work hardly grows faster than
 * the number of tasks.
 */
struct graph {
	struct node *nodes;
	size_t nr_nodes;
	size_t node_room;
	struct box *boxes;
	size_t nr_boxes;
	size_t box_room;
	struct pair *pairs;
	size_t nr_pairs;
	struct link *links;
	__u32 usual[NR_NS_TYPES];
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
	if (graph->nr_nodes == 1)
		memcpy(graph->usual, node->ns, sizeof(node->ns));
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

static int compare(__u32 left, __u32 right)
{
	return left < right ? -1 : left > right;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *left = a, *right = b;
	int order = compare(left->ns[NSLENS_NS_TYPE_PID],
			    right->ns[NSLENS_NS_TYPE_PID]);

	if (!order)
		order = compare(left->ns[NSLENS_NS_TYPE_USER],
				right->ns[NSLENS_NS_TYPE_USER]);
	return order ? order : compare(left->pid, right->pid);
}

static int compare_boxes(const void *a, const void *b)
{
	const struct box *left = a, *right = b;
	int order = compare(left->type, right->type);

	return order ? order : compare(left->ino, right->ino);
}

/* Before @outer is known, it is 0 in all of them. */
static int compare_pairs(const void *a, const void *b)
{
	const struct pair *left = a, *right = b;
	int order = compare(left->pidns, right->pidns);

	if (!order)
		order = compare(left->outer, right->outer);
	return order ? order : compare(left->userns, right->userns);
}

static int compare_links(const void *a, const void *b)
{
	const struct link *left = a, *right = b;
	int order = compare(left->ino, right->ino);

	return order ? order : compare(left->pid, right->pid);
}

static const struct box *find_box(const struct graph *graph, __u32 type,
				  __u32 ino)
{
	const struct box want = { .type = type, .ino = ino };

	return bsearch(&want, graph->boxes, graph->nr_boxes, sizeof(want),
		       compare_boxes);
}

/* Nodes are sorted, so that those of a pair follow each other. */
static void make_pairs(struct graph *graph)
{
	for (size_t i = 0; i < graph->nr_nodes; i++) {
		const __u32 *ns = graph->nodes[i].ns;
		struct pair *last = graph->pairs + graph->nr_pairs - 1;

		if (!graph->nr_pairs || last->pidns != ns[NSLENS_NS_TYPE_PID] ||
		    last->userns != ns[NSLENS_NS_TYPE_USER]) {
			last = &graph->pairs[graph->nr_pairs++];
			*last = (struct pair){
				.pidns = ns[NSLENS_NS_TYPE_PID],
				.userns = ns[NSLENS_NS_TYPE_USER],
				.first = i,
			};
		}
		last->nr++;
	}
}

/* The nearest ancestor of a user namespace with tasks in @pidns, or 0. */
static __u32 outer_user(const struct graph *graph, __u32 pidns, __u32 userns)
{
	const struct box *box = find_box(graph, NSLENS_NS_TYPE_USER, userns);

	while (box && box->parent) {
		const struct pair want = {
			.pidns = pidns, .userns = box->parent,
		};

		if (bsearch(&want, graph->pairs, graph->nr_pairs, sizeof(want),
			    compare_pairs))
			return box->parent;
		box = find_box(graph, NSLENS_NS_TYPE_USER, box->parent);
	}
	return 0;
}

/* @outer is filled apart: while it is looked for, it has to be 0. */
static int find_outer(struct graph *graph)
{
	__u32 *outer = calloc(graph->nr_pairs + 1, sizeof(*outer));

	if (!outer)
		return -ENOMEM;
	for (size_t i = 0; i < graph->nr_pairs; i++)
		outer[i] = outer_user(graph, graph->pairs[i].pidns,
				      graph->pairs[i].userns);
	for (size_t i = 0; i < graph->nr_pairs; i++)
		graph->pairs[i].outer = outer[i];
	free(outer);
	qsort(graph->pairs, graph->nr_pairs, sizeof(*graph->pairs),
	      compare_pairs);
	return 0;
}

/*
 * A namespace that came after the list of them was made gets its box even so; so
 * does one whose parent is not listed, by becoming outermost.
 */
static int complete_boxes(struct graph *graph)
{
	size_t listed = graph->nr_boxes;

	for (size_t i = 0; i < graph->nr_pairs; i++) {
		__u32 ino = graph->pairs[i].pidns;
		const struct box want = { NSLENS_NS_TYPE_PID, ino, 0 };
		struct box *box;

		if (!ino || (i && graph->pairs[i - 1].pidns == ino) ||
		    bsearch(&want, graph->boxes, listed, sizeof(want),
			    compare_boxes))
			continue;
		box = next_of((void **)&graph->boxes, &graph->nr_boxes,
			      &graph->box_room, sizeof(*box));
		if (!box)
			return -ENOMEM;
		*box = want;
	}
	qsort(graph->boxes, graph->nr_boxes, sizeof(*graph->boxes),
	      compare_boxes);
	for (size_t i = 0; i < graph->nr_boxes; i++) {
		struct box *box = &graph->boxes[i];

		if (box->parent && !find_box(graph, box->type, box->parent))
			box->parent = 0;
	}
	return 0;
}

static int arrange(struct graph *graph)
{
	int err;

	graph->pairs = calloc(graph->nr_nodes + 1, sizeof(*graph->pairs));
	graph->links = calloc(graph->nr_nodes + 1, sizeof(*graph->links));
	if (!graph->pairs || !graph->links)
		return -ENOMEM;
	if (graph->nr_nodes)
		qsort(graph->nodes, graph->nr_nodes, sizeof(*graph->nodes),
		      compare_nodes);
	if (graph->nr_boxes)
		qsort(graph->boxes, graph->nr_boxes, sizeof(*graph->boxes),
		      compare_boxes);
	make_pairs(graph);
	err = complete_boxes(graph);
	return err ? err : find_outer(graph);
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

static void print_nodes(const struct graph *graph, const struct pair *pair,
			int depth)
{
	for (size_t i = pair->first; i < pair->first + pair->nr; i++) {
		const struct node *node = &graph->nodes[i];

		indent(depth);
		printf("t%u [label=\"%s\\n%u", node->pid, node->name,
		       node->pid);
		if (node->inside != node->pid)
			printf(" = %u", node->inside);
		puts("\"]");
	}
}

/* Index of the first pair that is not before @want. */
static size_t first_pair(const struct graph *graph, const struct pair *want)
{
	size_t low = 0, high = graph->nr_pairs;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_pairs(&graph->pairs[middle], want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Namespaces nest at most 33 deep, and so do these calls and the next. */
static void print_users(struct graph *graph, __u32 pidns, __u32 outer,
			int depth)
{
	const struct pair want = { .pidns = pidns, .outer = outer };

	for (size_t i = first_pair(graph, &want); i < graph->nr_pairs; i++) {
		const struct pair *pair = &graph->pairs[i];

		if (pair->pidns != pidns || pair->outer != outer)
			break;
		/* Namespaces that are hidden have no boxes. */
		if (!pair->userns) {
			print_nodes(graph, pair, depth);
			continue;
		}
		open_box("user", graph->clusters++, "user", pair->userns,
			 depth);
		print_nodes(graph, pair, depth + 1);
		print_users(graph, pidns, pair->userns, depth + 1);
		close_box(depth);
	}
}

/**
 * struct family - PID namespaces by their parents
 * @boxes: of PID namespaces
 * @nr: how many
 */
struct family {
	struct box *boxes;
	size_t nr;
};

static int compare_family(const void *a, const void *b)
{
	const struct box *left = a, *right = b;
	int order = compare(left->parent, right->parent);

	return order ? order : compare(left->ino, right->ino);
}

/* Those below @parent; for 0, those whose parent is not there. */
static void print_pidns(struct graph *graph, const struct family *family,
			__u32 parent, int depth)
{
	size_t low = 0, high = family->nr;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (family->boxes[middle].parent < parent)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < family->nr && family->boxes[low].parent == parent; low++) {
		__u32 ino = family->boxes[low].ino;

		open_box("pid", ino, "pid", ino, depth);
		print_users(graph, ino, 0, depth + 1);
		print_pidns(graph, family, ino, depth + 1);
		close_box(depth);
	}
}

/* Boxes are sorted by type, so that those of PID namespaces are a part. */
static int print_boxes(struct graph *graph)
{
	struct family family = {
		.boxes = calloc(graph->nr_boxes + 1, sizeof(*family.boxes)),
	};

	if (!family.boxes)
		return -ENOMEM;
	for (size_t i = 0; i < graph->nr_boxes; i++)
		if (graph->boxes[i].type == NSLENS_NS_TYPE_PID)
			family.boxes[family.nr++] = graph->boxes[i];
	qsort(family.boxes, family.nr, sizeof(*family.boxes), compare_family);
	print_pidns(graph, &family, 0, 1);
	free(family.boxes);
	/* Those whose namespaces are hidden are in none of the boxes. */
	print_users(graph, 0, 0, 1);
	return 0;
}

static void print_links(struct graph *graph, int type)
{
	size_t nr = 0;

	for (size_t i = 0; i < graph->nr_nodes; i++) {
		__u32 ino = graph->nodes[i].ns[type];

		if (ino && ino != graph->usual[type])
			graph->links[nr++] = (struct link){
				ino, graph->nodes[i].pid,
			};
	}
	qsort(graph->links, nr, sizeof(*graph->links), compare_links);
	for (size_t i = 0; i < nr; i++) {
		const struct link *link = &graph->links[i];

		if (!i || link->ino != graph->links[i - 1].ino)
			printf("  n%u [label=\"%s:[%u]\" shape=ellipse style=dashed]\n",
			       link->ino, ns_types[type].name, link->ino);
		printf("  t%u -- n%u [style=dashed]\n", link->pid, link->ino);
	}
}

static int print_graph(struct graph *graph)
{
	int err = arrange(graph);

	if (err)
		return err;
	puts("graph nslens {\n"
	     "  rankdir=LR\n"
	     "  node [shape=box fontname=monospace fontsize=10]\n"
	     "  graph [fontname=monospace fontsize=10 labeljust=l]");
	err = print_boxes(graph);
	for (int type = 0; type < NR_NS_TYPES; type++)
		if (type != NSLENS_NS_TYPE_PID && type != NSLENS_NS_TYPE_USER)
			print_links(graph, type);
	puts("}");
	return err;
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
		complain("%s", lens_reason(&conn));
	else
		err = print_graph(&graph);
	if (err == -ENOMEM)
		complain("%s", strerror(ENOMEM));
	free(graph.nodes);
	free(graph.boxes);
	free(graph.pairs);
	free(graph.links);
	nslens_close(&conn);
	return err ? EXIT_OWN : 0;
}
