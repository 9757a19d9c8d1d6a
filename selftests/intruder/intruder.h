/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SELFTESTS_INTRUDER_H
#define _SELFTESTS_INTRUDER_H

/* Each returns 0 once it is out, else an errno; what it is told is in argv. */

/* files.c: the way out is a file; what it holds is printed as the proof */
int try_dotdot(char **argv);
int try_init_root(char **argv);
int try_chroot(char **argv);
int try_descriptors(char **argv);
int try_handle(char **argv);
int try_links(char **argv);
int try_open(char **argv);
int try_write(char **argv);

/* mounts.c: the way out is what mounts hide or protect */
int try_unmount(char **argv);
int try_remount(char **argv);
int try_fresh_proc(char **argv);
int try_fresh_sys(char **argv);
int try_release_agent(char **argv);
int try_device(char **argv);

/* tasks.c: the way out is a process, or what belongs to one */
int try_signal(char **argv);
int try_signal_all(char **argv);
int try_ptrace(char **argv);
int try_read_memory(char **argv);
int try_pidfd(char **argv);
int try_overwrite_runner(char **argv);
int try_type_outside(char **argv);
int try_terminal(char **argv);
int try_abstract_socket(char **argv);
int try_key(char **argv);
int try_session_key(char **argv);

/* ambush.c */
int try_ambush(char **argv);

int read_out(int dir, const char *path);
int open_write(int dir, const char *path);
int try_descriptors_of(const char *process, const char *secret);
int try_links_of(const char *process, const char *secret);

#endif
