/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_NS_H
#define _NSLENS_NS_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <uapi/linux/nslens.h>

struct nslens_rec_ns;
struct ns_common;

#define NSLENS_NR_NS	(NSLENS_NS_TYPE_MAX + 1)

/* What a task's pointers to its namespaces are members of. */
enum nslens_ns_base {
	NSLENS_BASE_NSPROXY,	/* struct nsproxy, under task_lock() */
	NSLENS_BASE_CRED,	/* struct cred, under RCU */
	NSLENS_BASE_UPID,	/* the innermost struct upid, under RCU */
	NSLENS_NR_BASES
};

/**
 * struct nslens_ns_row - a row of the table of namespace types
 * @name: as in /proc/PID/ns
 * @column: heading in a table of tasks, as ps(1) has it
 * @flag: CLONE_NEW*
 * @base: structure that a task's pointer to it is a member of
 * @ptr: offset of that pointer in the base
 * @common: offset of struct ns_common in the namespace
 */
struct nslens_ns_row {
	const char *name;
	const char *column;
	u32 flag;
	enum nslens_ns_base base;
	u16 ptr;
	u16 common;
};

/* Indexed by enum nslens_ns_type: the one table that every loop over types uses. */
extern const struct nslens_ns_row nslens_ns_types[NSLENS_NR_NS];

/* What a task's pointer to one of its namespaces says; NULL for none. */
static __always_inline const void *
nslens_ns_pointer(const void *const bases[NSLENS_NR_BASES],
		  const struct nslens_ns_row *type)
{
	const void *base = bases[type->base];

	return base ? *(const void *const *)(base + type->ptr) : NULL;
}

/**
 * nslens_ns_of() - one of a task's namespaces
 * @bases: what the task's pointers are members of; NULL for one that it has
 *	no more, as nsproxy when it exits
 * @type: which namespace
 *
 * Context: the locks that protect the base are held; the namespace is good
 * for as long as they are, no reference is taken.
 * Return: the namespace, or NULL if the task has left it.
 */
static inline struct ns_common *
nslens_ns_of(const void *const bases[NSLENS_NR_BASES],
	     const struct nslens_ns_row *type)
{
	const void *ns = nslens_ns_pointer(bases, type);

	return ns ? (struct ns_common *)(ns + type->common) : NULL;
}

/**
 * nslens_own_type() - the type of a namespace of a task
 * @type: which of its namespaces
 *
 * Return: @type, of one for the children that which it is a namespace of.
 */
static inline int nslens_own_type(int type)
{
	switch (type) {
	case NSLENS_NS_TYPE_PID_FOR_CHILDREN:
		return NSLENS_NS_TYPE_PID;
	case NSLENS_NS_TYPE_TIME_FOR_CHILDREN:
		return NSLENS_NS_TYPE_TIME;
	default:
		return type;
	}
}

/**
 * nslens_is_for_children() - is that what only children will be in
 * @type: which of a task's namespaces
 */
static inline bool nslens_is_for_children(int type)
{
	return nslens_own_type(type) != type;
}

void nslens_ns_inodes(u32 inodes[NSLENS_NR_NS],
		      const void *const bases[NSLENS_NR_BASES]);
void nslens_ns_record(struct nslens_rec_ns *to,
		      const void *const bases[NSLENS_NR_BASES]);
void nslens_ns_record_again(struct nslens_rec_ns *to,
			    const void *const bases[NSLENS_NR_BASES]);
int nslens_ns_type_of(const struct ns_common *ns);
int nslens_ns_check(void);

#endif /* _NSLENS_NS_H */
