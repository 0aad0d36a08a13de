/*
 * The bare minimum between two TAPs: read here, write there, one epoll, no rules at all.
 * `relay NETNS-FILE NETNS-FILE` makes eth0 in each, with the offloads that vpclab's ports have,
 * writes `ready`, and runs until it is killed.
 * Read first: Linux Documentation/networking/tuntap.rst.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { HEADER_SIZE = 12, FRAMES_PER_TURN = 64, MAX_READ = HEADER_SIZE + 14 + 65535 };

static int open_tap(const char *netns)
{
	int namespace = open(netns, O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(namespace, CLONE_NEWNET) < 0)
		err(1, "%s", netns);
	close(namespace);
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		err(1, "/dev/net/tun");
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	strcpy(request.ifr_name, "eth0");
	int header_size = HEADER_SIZE;
	if (ioctl(fd, TUNSETIFF, &request) < 0 || ioctl(fd, TUNSETVNETHDRSZ, &header_size) < 0 ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0)
		err(1, "eth0 in %s", netns);
	return fd;
}

int main(int argc, char **argv)
{
	static char buffer[MAX_READ];
	if (argc != 3)
		errx(2, "wanted: relay NETNS-FILE NETNS-FILE");
	int fds[2] = { open_tap(argv[1]), open_tap(argv[2]) };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int from = 0; from < 2; from++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = from };
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fds[from], &event) < 0)
			err(1, "epoll");
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct epoll_event ready[2];
		int count = epoll_wait(epoll, ready, 2, -1);
		for (int index = 0; index < count; index++) {
			int from = ready[index].data.u32;
			for (int frame = 0; frame < FRAMES_PER_TURN; frame++) {
				ssize_t size = read(fds[from], buffer, sizeof buffer);
				if (size <= 0)
					break;
				/* A full queue of the other side loses the frame, as on a wire. */
				if (write(fds[1 - from], buffer, size) < 0)
					continue;
			}
		}
	}
}
