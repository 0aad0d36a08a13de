/*
 * New TCP connections: connect, one byte there, one byte back, reset.
 * `connections serve PORT` writes `ready` and serves until it is killed.
 * `connections call ADDRESS PORT SECONDS PARALLEL` keeps PARALLEL calls open, each from a local port
 * of its own, and writes `CALLS NANOSECONDS`. The reset keeps no port in TIME_WAIT.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 256, FIRST_PORT = 1024, LAST_PORT = 65535 };

static int epoll;
static struct sockaddr_in server = { .sin_family = AF_INET };

static long long now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void watch(int operation, int fd, unsigned events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };
	if (epoll_ctl(epoll, operation, fd, &event) < 0)
		err(1, "epoll");
}

static void accept_all(int listener)
{
	for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;)
		watch(EPOLL_CTL_ADD, fd, EPOLLIN);
}

static void serve(int port)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int on = 1;
	server.sin_port = htons(port);
	if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(listener, (struct sockaddr *)&server, sizeof server) < 0 ||
	    listen(listener, BACKLOG) < 0)
		err(1, "port %d", port);
	watch(EPOLL_CTL_ADD, listener, EPOLLIN);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct epoll_event ready[EVENTS];
		int count = epoll_wait(epoll, ready, EVENTS, -1);
		for (int index = 0; index < count; index++) {
			int fd = ready[index].data.fd;
			char byte;
			if (fd == listener)
				accept_all(listener);
			else if (recv(fd, &byte, 1, 0) != 1 || send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
				close(fd);
		}
	}
}

/* Starts one call. A port that is in use is passed over. */
static void call(void)
{
	static int port = FIRST_PORT;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int on = 1;
	struct linger reset = { .l_onoff = 1 };
	struct sockaddr_in here = { .sin_family = AF_INET };
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		err(1, "socket");
	do {
		here.sin_port = htons(port);
		port = port == LAST_PORT ? FIRST_PORT : port + 1;
	} while (bind(fd, (struct sockaddr *)&here, sizeof here) < 0 && errno == EADDRINUSE);
	if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS)
		err(1, "connect");
	watch(EPOLL_CTL_ADD, fd, EPOLLOUT);
}

static void call_all(const char *address, int port, long long duration_ns, int parallel)
{
	if (inet_pton(AF_INET, address, &server.sin_addr) != 1)
		errx(2, "no address: %s", address);
	server.sin_port = htons(port);
	for (int index = 0; index < parallel; index++)
		call();
	long long start = now_ns(), now = start, completed = 0;
	while (now < start + duration_ns) {
		struct epoll_event ready[EVENTS];
		int count = epoll_wait(epoll, ready, EVENTS, 100);
		for (int index = 0; index < count; index++) {
			int fd = ready[index].data.fd;
			char byte = 'x';
			if (ready[index].events == EPOLLOUT) {
				if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
					err(1, "send");
				watch(EPOLL_CTL_MOD, fd, EPOLLIN);
				continue;
			}
			completed += recv(fd, &byte, 1, 0) == 1;
			close(fd);
			call();
		}
		now = now_ns();
	}
	printf("%lld %lld\n", completed, now - start);
}

int main(int argc, char **argv)
{
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(atoi(argv[2]));
	else if (argc == 6 && strcmp(argv[1], "call") == 0)
		call_all(argv[2], atoi(argv[3]), atof(argv[4]) * 1e9, atoi(argv[5]));
	else
		errx(2, "wanted: connections serve PORT, or connections call ADDRESS PORT SECONDS PARALLEL");
}
