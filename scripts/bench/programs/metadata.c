/*
 * Asks instance metadata for the id of the instance, each time over a connection of its own.
 * `metadata COUNT INTERVAL_US` begins one request each interval, or when the one before has ended, and
 * writes the microseconds of each, one a line.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: imds\r\n\r\n";

static long long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void ask(void)
{
	struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(80) };
	char answer[4096];
	size_t size = 0;
	ssize_t got;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "169.254.169.254", &server.sin_addr);
	if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof server) < 0)
		err(1, "connect");
	if (write(fd, request, sizeof request - 1) < 0)
		err(1, "write");
	while ((got = read(fd, answer + size, sizeof answer - size)) > 0)
		size += got;
	if (got < 0 || size < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0)
		errx(1, "no answer");
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: metadata COUNT INTERVAL_US");
	int count = atoi(argv[1]);
	long long interval = atoll(argv[2]), begins = now_us();

	for (int done = 0; done < count; done++, begins += interval) {
		long long wait = begins - now_us();
		if (wait > 0)
			usleep(wait);
		long long start = now_us();
		ask();
		printf("%lld\n", now_us() - start);
	}
	return 0;
}
