/*
 * Datagrams of 64 bytes as fast as one process can send them, and how many arrive.
 * `flood receive PORT SECONDS` writes `ready`, counts from the first datagram on, and writes
 * `DATAGRAMS NANOSECONDS`. `flood send ADDRESS PORT SECONDS` writes the same of what it sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { BATCH = 64, PAYLOAD = 64, RECEIVE_BUFFER = 8 << 20 };

static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static char payloads[BATCH][PAYLOAD];

static long long now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int open_socket(void)
{
	for (int index = 0; index < BATCH; index++) {
		vectors[index] = (struct iovec){ payloads[index], PAYLOAD };
		messages[index].msg_hdr = (struct msghdr){ .msg_iov = &vectors[index], .msg_iovlen = 1 };
	}
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		err(1, "socket");
	return fd;
}

static void receive(int port, long long duration_ns)
{
	int fd = open_socket();
	int size = RECEIVE_BUFFER;
	struct timeval patience = { .tv_sec = 1 };
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
	    bind(fd, (struct sockaddr *)&here, sizeof here) < 0)
		err(1, "port %d", port);
	puts("ready");
	fflush(stdout);
	while (recv(fd, payloads[0], PAYLOAD, 0) < 0)
		;
	long long start = now_ns(), now = start, count = 0;
	while (now < start + duration_ns) {
		int received = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
		now = now_ns();
		if (received < 0)
			break;
		count += received;
	}
	printf("%lld %lld\n", count, now - start);
}

static void send_all(const char *address, int port, long long duration_ns)
{
	int fd = open_socket();
	struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(port) };
	if (inet_pton(AF_INET, address, &there.sin_addr) != 1)
		errx(2, "no address: %s", address);
	if (connect(fd, (struct sockaddr *)&there, sizeof there) < 0)
		err(1, "%s", address);
	long long start = now_ns(), now = start, count = 0;
	while (now < start + duration_ns) {
		int sent = sendmmsg(fd, messages, BATCH, 0);
		now = now_ns();
		if (sent > 0)
			count += sent;
	}
	printf("%lld %lld\n", count, now - start);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "receive") == 0)
		receive(atoi(argv[2]), atof(argv[3]) * 1e9);
	else if (argc == 5 && strcmp(argv[1], "send") == 0)
		send_all(argv[2], atoi(argv[3]), atof(argv[4]) * 1e9);
	else
		errx(2, "wanted: flood receive PORT SECONDS, or flood send ADDRESS PORT SECONDS");
}
