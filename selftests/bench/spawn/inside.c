// SPDX-License-Identifier: GPL-2.0
/*
 * What a runner made, as the program sees it that is run: one line for each
 * thing, for spawn.c to read.
 */
#include <err.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* "PATH TYPE" of each mount; where one covers another, the last is seen. */
static void print_mounts(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "r");
	char line[4096], target[1024], type[64];
	const char *rest;

	if (!file)
		err(1, "/proc/self/mountinfo");
	while (fgets(line, sizeof(line), file)) {
		rest = strstr(line, " - ");
		if (rest &&
		    sscanf(line, "%*s %*s %*s %*s %1023s", target) == 1 &&
		    sscanf(rest, " - %63s", type) == 1)
			printf("mount %s %s\n", target, type);
	}
	fclose(file);
}

static int loopback_is_up(void)
{
	struct ifreq lo = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &lo) &&
	       lo.ifr_flags & IFF_UP;
}

int main(void)
{
	static const char * const types[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts",
	};
	struct stat status;
	char path[64];
	unsigned int i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", types[i]);
		if (stat(path, &status))
			err(1, "%s", path);
		printf("ns %s %lu\n", types[i], (unsigned long)status.st_ino);
	}
	printf("pid %d\n", getpid());
	printf("uid %d\n", (int)getuid());
	printf("root %s\n", access("/the-box", F_OK) ? "other" : "box");
	printf("loopback %s\n", loopback_is_up() ? "up" : "down");
	print_mounts();
	return 0;
}
