// SPDX-License-Identifier: GPL-2.0
/* trace-get: the sessions that there are. */
#include <linux/cgroup.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "access.h"
#include "compat.h"
#include "netlink-gen.h"
#include "netlink-trace.h"
#include "netlink.h"
#include "session.h"
#include "target.h"
#include "trace.h"

/*
 * Where the reader is, a path may be longer than from the root: "/../..", which
 * only who may see everything is told.
 */
static const char *path_of(const struct nslens_target *target,
			   const struct nslens_viewer *viewer, char *path)
{
	if (!nslens_cgroup_visible(viewer, target->cgroup) ||
	    cgroup_path_ns(target->cgroup, path, PATH_MAX,
			   current->nsproxy->cgroup_ns) < 0)
		path[0] = '\0';
	return path;
}

static int put_target(struct sk_buff *msg, const struct nslens_target *target,
		      const struct nslens_viewer *viewer, char *path)
{
	struct nlattr *nest = nla_nest_start(msg, NSLENS_A_TRACE_TARGET), *ref;
	u32 nr;

	if (!nest)
		return -EMSGSIZE;
	switch (target->kind) {
	case NSLENS_TARGET_TASK:
		nr = pid_nr_ns(target->pid, viewer->pid_ns);
		if (nla_put_u32(msg, NSLENS_A_TARGET_PID, nr) ||
		    (target->follow && nla_put_flag(msg, NSLENS_A_TARGET_FOLLOW)))
			return -EMSGSIZE;
		break;
	case NSLENS_TARGET_NS:
		ref = nla_nest_start(msg, NSLENS_A_TARGET_NS);
		if (!ref || nla_put_u32(msg, NSLENS_A_NS_REF_INO, target->ino) ||
		    nla_put_u32(msg, NSLENS_A_NS_REF_TYPE, target->type))
			return -EMSGSIZE;
		nla_nest_end(msg, ref);
		break;
	case NSLENS_TARGET_CGROUP:
		if (nla_put_string(msg, NSLENS_A_TARGET_CGROUP,
				   path_of(target, viewer, path)))
			return -EMSGSIZE;
		break;
	case NSLENS_TARGET_ALL:
		if (nla_put_flag(msg, NSLENS_A_TARGET_ALL))
			return -EMSGSIZE;
		break;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_session(struct sk_buff *msg, u32 portid, u32 seq, int flags,
		       struct nslens_session *session,
		       const struct nslens_viewer *viewer, char *path)
{
	const struct nslens_target *target;
	void *hdr;

	hdr = genlmsg_put(msg, portid, seq, &nslens_nl_family, flags,
			  NSLENS_CMD_TRACE_GET);
	if (!hdr ||
	    nla_put_u32(msg, NSLENS_A_TRACE_ID, session->id) ||
	    nla_put_u32(msg, NSLENS_A_TRACE_FRONT, session->front->id) ||
	    nla_put_u32(msg, NSLENS_A_TRACE_OWNER,
			pid_nr_ns(session->owner, viewer->pid_ns)) ||
	    nla_put_u32(msg, NSLENS_A_TRACE_EVENTS, session->events) ||
	    nla_put_u64_64bit(msg, NSLENS_A_TRACE_SINCE,
			      timens_add_boottime_ns(session->since), 0) ||
	    nla_put_u64_64bit(msg, NSLENS_A_TRACE_DELIVERED, session->delivered, 0) ||
	    nla_put_u64_64bit(msg, NSLENS_A_TRACE_LOST_RING, session->lost_ring, 0) ||
	    nla_put_u64_64bit(msg, NSLENS_A_TRACE_LOST_QUEUE, session->lost_queue, 0))
		goto err;
	list_for_each_entry(target, &session->targets, list)
		if (put_target(msg, target, viewer, path))
			goto err;
	if (nla_put_u32(msg, NSLENS_A_TRACE_FIELDS, session->fields))
		goto err;
	genlmsg_end(msg, hdr);
	return 0;
err:
	if (hdr)
		genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

/* Context: nslens_trace_lock() is held. @path: PATH_MAX bytes. */
static unsigned int session_size(const struct nslens_session *session,
				 const struct nslens_viewer *viewer, char *path)
{
	const struct nslens_target *target;
	unsigned int size = 256;

	list_for_each_entry(target, &session->targets, list) {
		size += 40;
		if (target->kind == NSLENS_TARGET_CGROUP)
			size += strlen(path_of(target, viewer, path));
	}
	return size;
}

static int get_one(struct genl_info *info, struct nslens_session *session,
		   const struct nslens_viewer *viewer, char *path)
{
	struct sk_buff *msg = NULL;
	int err = -ENOMEM;

	nslens_trace_lock();
	msg = genlmsg_new(session_size(session, viewer, path), GFP_KERNEL);
	if (msg)
		err = put_session(msg, info->snd_portid, info->snd_seq, 0,
				  session, viewer, path);
	nslens_trace_unlock();
	if (!err)
		return genlmsg_reply(msg, info);
	nlmsg_free(msg);
	return err;
}

int nslens_nl_trace_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nslens_session *session = nslens_nl_session(NETLINK_CB(skb).sk);
	struct nslens_viewer viewer;
	char *path;
	int err;

	err = nslens_viewer_of_request(&viewer, skb, info->extack);
	if (err)
		return err;
	if (!session) {
		NL_SET_ERR_MSG(info->extack, "this socket has no session");
		return -ESRCH;
	}
	if (!nslens_asker_is_current(&session->asker, NULL)) {
		NL_SET_ERR_MSG(info->extack, "the session is another's");
		return -EPERM;
	}
	path = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	if (!path)
		return -ENOMEM;
	err = get_one(info, session, &viewer, path);
	kfree(path);
	return err;
}

/**
 * struct get_dump - what a dump keeps between two buffers
 * @asker: who asked
 * @last: id of the last session that was told
 * @path: PATH_MAX bytes
 */
struct get_dump {
	struct nslens_asker asker;
	u32 last;
	char *path;
};

static struct get_dump **dump_of(struct netlink_callback *cb)
{
	return (struct get_dump **)cb->ctx;
}

int nslens_nl_trace_get_start(struct netlink_callback *cb)
{
	struct get_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL_ACCOUNT);
	struct nslens_session *session;
	struct nslens_viewer viewer;
	int err;

	if (!dump)
		return -ENOMEM;
	dump->path = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	if (!dump->path) {
		kfree(dump);
		return -ENOMEM;
	}
	err = nslens_viewer_of_request(&viewer, cb->skb, cb->extack);
	if (err) {
		kfree(dump->path);
		kfree(dump);
		return err;
	}
	nslens_asker_get(&dump->asker);
	nslens_trace_lock();
	list_for_each_entry(session, nslens_trace_sessions(), list)
		if (nslens_session_visible(session, &viewer))
			cb->min_dump_alloc = max_t(u32, cb->min_dump_alloc,
						   session_size(session, &viewer,
								dump->path));
	nslens_trace_unlock();
	*dump_of(cb) = dump;
	return 0;
}

int nslens_nl_trace_get_done(struct netlink_callback *cb)
{
	struct get_dump *dump = *dump_of(cb);

	nslens_asker_put(&dump->asker);
	kfree(dump->path);
	kfree(dump);
	return 0;
}

int nslens_nl_trace_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct get_dump *dump = *dump_of(cb);
	struct nslens_session *session;
	struct nslens_viewer viewer;
	int err = 0;

	if (!nslens_asker_is_current(&dump->asker, cb->extack))
		return -EPERM;
	nslens_viewer_init(&viewer, NULL);
	nslens_trace_lock();
	/* In the order of their ids. */
	list_for_each_entry(session, nslens_trace_sessions(), list) {
		if (session->id <= dump->last || !nslens_session_visible(session, &viewer))
			continue;
		err = put_session(skb, NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, NLM_F_MULTI, session,
				  &viewer, dump->path);
		if (err)
			break;
		dump->last = session->id;
	}
	nslens_trace_unlock();
	return err && !skb->len ? err : skb->len;
}
