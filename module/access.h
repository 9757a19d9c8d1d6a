/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _NSLENS_ACCESS_H
#define _NSLENS_ACCESS_H

#include <linux/types.h>

struct cgroup;
struct cred;
struct file;
struct netlink_ext_ack;
struct nslens_finder;
struct ns_common;
struct pid_namespace;
struct sk_buff;
struct task_struct;
struct user_namespace;

/**
 * struct nslens_viewer - who asks, and so what may be shown
 * @pid_ns: active PID namespace of current; whoever has no PID in it does not
 *	exist for this viewer, and no number above its level is shown
 * @user_ns: user namespace of current, in which its ids are shown
 * @opener: file whose opener must pass the same rules as current, or NULL;
 *	so that nobody borrows the rights of a program that he makes read or
 *	write his file
 * @all: may see everything: CAP_SYS_ADMIN in the initial user namespace, from
 *	the initial PID namespace
 * @behind: its request is not the first of what was sent, see nslens_may_walk()
 * @finder: what several look-ups by inode number share, or NULL
 *
 * Good within one system call of current; it holds no references.
 */
struct nslens_viewer {
	struct pid_namespace *pid_ns;
	struct user_namespace *user_ns;
	const struct file *opener;
	bool all;
	bool behind;
	struct nslens_finder *finder;
};

/**
 * struct nslens_asker - who asked for what others may read on in
 * @pid_ns: his PID namespace, with a reference
 * @cred: his credentials, with a reference
 */
struct nslens_asker {
	struct pid_namespace *pid_ns;
	const struct cred *cred;
};

void nslens_asker_get(struct nslens_asker *asker);
void nslens_asker_put(struct nslens_asker *asker);
bool nslens_asker_is_current(const struct nslens_asker *asker,
			     struct netlink_ext_ack *extack);

bool nslens_asker_had(const struct nslens_asker *asker,
		      const struct cred *cred);
bool nslens_asker_passes(const struct nslens_asker *asker,
			 const struct cred *object, struct user_namespace *mm_ns);

void nslens_viewer_init(struct nslens_viewer *viewer,
			const struct file *opener);
int nslens_viewer_of_request(struct nslens_viewer *viewer,
			     const struct sk_buff *request,
			     struct netlink_ext_ack *extack);
int nslens_may_walk(const struct nslens_viewer *viewer,
		    struct netlink_ext_ack *extack);
bool nslens_may_see_ns(const struct nslens_viewer *viewer,
		       struct task_struct *task, const struct cred *cred);
bool nslens_may_enter(const struct nslens_viewer *viewer, struct ns_common *ns);
bool nslens_pid_ns_visible(const struct nslens_viewer *viewer,
			   const struct pid_namespace *ns);
bool nslens_cgroup_visible(const struct nslens_viewer *viewer,
			   struct cgroup *cgroup);
bool nslens_user_ns_visible(const struct nslens_viewer *viewer,
			    const struct user_namespace *ns);

#endif /* _NSLENS_ACCESS_H */
