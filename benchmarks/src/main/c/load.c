/*
 * Puts load on an echo server, on one core, and prints what it saw.
 *
 *   load echo  HOST PORT CONNECTIONS RATE WARMUP SECONDS SIZE SEED   requests of SIZE bytes, RATE a second
 *   load lines HOST PORT CONNECTIONS RATE WARMUP SECONDS DEPTH SEED  batches of DEPTH lines of 64 bytes, RATE batches a second
 *   load bulk  HOST PORT CONNECTIONS WARMUP SECONDS SIZE             messages of SIZE bytes, one after the other
 *   load idle  HOST PORT CONNECTIONS                                 one request each, then holds them until stdin ends
 *
 * echo and lines are open loops: arrivals are a Poisson process of a fixed seed, whatever the server does, and a latency
 * counts from the moment a request should have been sent. Prints 'begin' and 'end' at the edges of the measured time, so
 * that the caller can look at the server's clock, then 'done=N bytes=N p50=NS p99=NS p999=NS'.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINE 64
#define PENDING 4096 /* requests under way on one connection, a power of two */

struct connection {
  int fd;
  uint64_t sent[PENDING]; /* when each request under way should have been sent */
  uint32_t head, tail;
  size_t received; /* of the oldest request */
  size_t unsent;
  size_t to_send; /* bulk: of the current message */
};

static int epoll;
static struct connection *connections;
static int count;
static size_t request_size;
static char *payload, sink[1 << 20];
static uint64_t *latencies;
static size_t measured, latency_room, completed, bytes;
static int measuring;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

/* xorshift64*, for arrivals that are the same in each run */
static uint64_t random_state;
static double uniform(void) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return ((random_state * 2685821657736338717ull >> 11) + 1) / 9007199254740994.0;
}

static void connect_all(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) die("host");
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  epoll = epoll_create1(0);
  connections = calloc(count, sizeof *connections);
  for (int i = 0; i < count; i++) {
    struct connection *c = &connections[i];
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("connect");
    int on = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
  }
}

static void flush_out(struct connection *c) {
  while (c->unsent > 0) {
    size_t part = c->unsent % request_size ? c->unsent % request_size : request_size;
    ssize_t n = send(c->fd, payload + request_size - part, part, 0);
    if (n < 0) {
      if (errno == EAGAIN) return; /* tried again with the next answer */
      die("send");
    }
    c->unsent -= n;
  }
}

static void request(struct connection *c, uint64_t when) {
  if (c->tail - c->head == PENDING) {
    fprintf(stderr, "the server is too slow for this rate\n");
    exit(3);
  }
  c->sent[c->tail++ % PENDING] = when;
  c->unsent += request_size;
  flush_out(c);
}

static void receive(struct connection *c) {
  ssize_t n = recv(c->fd, sink, sizeof sink, 0);
  if (n == 0) {
    fprintf(stderr, "the server has closed a connection\n");
    exit(3);
  }
  if (n < 0) {
    if (errno == EAGAIN) return;
    die("recv");
  }
  if (measuring) bytes += n;
  c->received += n;
  while (c->received >= request_size && c->head != c->tail) {
    c->received -= request_size;
    uint64_t sent = c->sent[c->head++ % PENDING];
    if (measuring) {
      completed++;
      if (measured < latency_room) latencies[measured++] = now() - sent;
    }
  }
  if (c->unsent) flush_out(c);
}

static int by_size(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void say(const char *word) {
  puts(word);
  fflush(stdout);
}

static void summary(void) {
  qsort(latencies, measured, sizeof *latencies, by_size);
  printf("done=%zu bytes=%zu p50=%llu p99=%llu p999=%llu\n", completed, bytes,
         (unsigned long long)(measured ? latencies[measured / 2] : 0),
         (unsigned long long)(measured ? latencies[measured * 99 / 100] : 0),
         (unsigned long long)(measured ? latencies[measured * 999 / 1000] : 0));
}

static void take_events(int timeout) {
  struct epoll_event events[256];
  int n = epoll_wait(epoll, events, 256, timeout);
  for (int i = 0; i < n; i++) receive(events[i].data.ptr);
}

static void open_loop(double rate, double warmup, double seconds) {
  uint64_t start = now(), begin = start + warmup * 1e9, end = begin + seconds * 1e9;
  double next = start;
  int turn = 0;
  for (;;) {
    uint64_t t = now();
    if (!measuring && t >= begin) {
      measuring = 1;
      say("begin");
    }
    if (t >= end) break;
    while (next <= t) {
      request(&connections[turn], (uint64_t)next);
      turn = (turn + 1) % count;
      next += -log(uniform()) * 1e9 / rate;
    }
    take_events(0); /* has a core of its own, so that it never sleeps through an arrival */
  }
  say("end");
  summary();
}

/* One message under way on each connection: as fast as the server goes, for its CPU time a byte. */
static void bulk(double warmup, double seconds) {
  uint64_t start = now(), begin = start + warmup * 1e9, end = begin + seconds * 1e9;
  struct epoll_event events[64];
  for (int i = 0; i < count; i++) connections[i].to_send = request_size;
  for (int i = 0; i < count; i++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = &connections[i]};
    epoll_ctl(epoll, EPOLL_CTL_MOD, connections[i].fd, &event);
  }
  for (;;) {
    uint64_t t = now();
    if (!measuring && t >= begin) {
      measuring = 1;
      say("begin");
    }
    if (t >= end) break;
    int n = epoll_wait(epoll, events, 64, 100);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      size_t before = c->to_send;
      if (events[i].events & EPOLLOUT && c->to_send) {
        ssize_t m = send(c->fd, payload, c->to_send, 0);
        if (m > 0) c->to_send -= m;
      }
      if (events[i].events & EPOLLIN) {
        ssize_t m = recv(c->fd, sink, sizeof sink, 0);
        if (m <= 0) die("recv");
        if (measuring) bytes += m;
        c->received += m;
        if (c->received == request_size) {
          if (measuring) completed++;
          c->received = 0;
          c->to_send = request_size;
        }
      }
      if (!c->to_send != !before) {
        struct epoll_event event = {.events = EPOLLIN | (c->to_send ? EPOLLOUT : 0), .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
      }
    }
  }
  say("end");
  summary();
}

static void idle(void) {
  for (int i = 0; i < count; i++) {
    request(&connections[i], now());
    while (connections[i].head != connections[i].tail) take_events(1000);
  }
  say("ready");
  while (getchar() != EOF) {
  }
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: see the head of load.c\n");
    return 2;
  }
  const char *mode = argv[1];
  count = atoi(argv[4]);
  request_size = 64;
  latency_room = 10000000;
  latencies = malloc(latency_room * sizeof *latencies);
  if (!strcmp(mode, "echo") || !strcmp(mode, "bulk")) request_size = atoi(argv[mode[0] == 'e' ? 8 : 7]);
  if (!strcmp(mode, "lines")) request_size = (size_t)LINE * atoi(argv[8]);
  payload = malloc(request_size);
  for (size_t i = 0; i < request_size; i++) payload[i] = i % LINE == LINE - 1 ? '\n' : 'a' + i % 26;
  connect_all(argv[2], atoi(argv[3]));
  if (!strcmp(mode, "echo") || !strcmp(mode, "lines")) {
    random_state = strtoull(argv[9], 0, 10) * 2 + 1;
    open_loop(atof(argv[5]), atof(argv[6]), atof(argv[7]));
  } else if (!strcmp(mode, "bulk")) {
    bulk(atof(argv[5]), atof(argv[6]));
  } else {
    idle();
  }
  return 0;
}
