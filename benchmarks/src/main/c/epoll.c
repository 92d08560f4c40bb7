/*
 * The limit: an echo server that does nothing but what it must. Usage: epoll echo|lines; prints its port.
 *
 * echo sends back what one read brought; lines looks for each line and copies it to the answer, which leaves with one write.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER (256 * 1024)

struct connection {
  int fd;
  char *rest; /* bytes that wait: to be sent (echo), or for the end of their line (lines) */
  size_t from, size;
};

static char buffer[BUFFER], answer[BUFFER];
static int epoll, lines;

static void watch(struct connection *c, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(epoll, operation, c->fd, &event);
}

static void drop(struct connection *c) {
  close(c->fd);
  free(c->rest);
  free(c);
}

static void answer_with(struct connection *c, const char *data, size_t size) {
  ssize_t n = send(c->fd, data, size, MSG_NOSIGNAL);
  if (n < 0) n = 0;
  if ((size_t)n < size) {
    c->rest = malloc(size - n);
    memcpy(c->rest, data + n, size - n);
    c->from = 0;
    c->size = size - n;
    watch(c, EPOLL_CTL_MOD, EPOLLOUT);
  }
}

static void readable(struct connection *c) {
  size_t kept = 0;
  if (lines && c->size) {
    memcpy(buffer, c->rest, c->size);
    kept = c->size;
    free(c->rest);
    c->rest = 0;
    c->size = 0;
  }
  ssize_t n = recv(c->fd, buffer + kept, sizeof buffer - kept, 0);
  if (n <= 0) {
    if (n < 0 && errno == EAGAIN) return;
    drop(c);
    return;
  }
  size_t size = kept + n;
  if (!lines) {
    answer_with(c, buffer, size);
    return;
  }
  size_t out = 0, start = 0;
  for (char *end; (end = memchr(buffer + start, '\n', size - start)); start = end + 1 - buffer) {
    size_t length = end + 1 - (buffer + start);
    memcpy(answer + out, buffer + start, length);
    out += length;
  }
  if (start < size) {
    c->size = size - start;
    c->rest = malloc(c->size);
    memcpy(c->rest, buffer + start, c->size);
  }
  if (out) {
    for (size_t done = 0; done < out;) { /* short answers: the kernel takes them */
      ssize_t m = send(c->fd, answer + done, out - done, MSG_NOSIGNAL);
      if (m > 0) done += m;
      else if (errno != EAGAIN) return;
    }
  }
}

static void writable(struct connection *c) {
  ssize_t n = send(c->fd, c->rest + c->from, c->size - c->from, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) {
    drop(c);
    return;
  }
  if (n > 0) c->from += n;
  if (c->from == c->size) {
    free(c->rest);
    c->rest = 0;
    c->size = 0;
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
  }
}

int main(int argc, char **argv) {
  lines = argc > 1 && !strcmp(argv[1], "lines");
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) {
    perror("listen");
    return 1;
  }
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  epoll = epoll_create1(0);
  struct connection self = {.fd = listener};
  watch(&self, EPOLL_CTL_ADD, EPOLLIN);
  struct epoll_event events[512];
  for (;;) {
    int n = epoll_wait(epoll, events, 512, -1);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == &self) {
        for (int fd; (fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0;) {
          struct connection *made = calloc(1, sizeof *made);
          int on = 1;
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          made->fd = fd;
          watch(made, EPOLL_CTL_ADD, EPOLLIN);
        }
      } else if (events[i].events & EPOLLOUT) {
        writable(c);
      } else {
        readable(c);
      }
    }
  }
}
