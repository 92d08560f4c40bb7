/*
 * Puts load on a TLS server, on one core, and prints what it saw.
 *
 *   tlsload full    HOST PORT CONNECTIONS WARMUP COUNT   connect, shake hands, one request, its answer, the end; again and again
 *   tlsload resumed HOST PORT CONNECTIONS WARMUP COUNT   the same, with the session of the one before
 *   tlsload receive HOST PORT CONNECTIONS WARMUP COUNT   sends as fast as the server receives
 *   tlsload send    HOST PORT CONNECTIONS WARMUP COUNT   asks once, then reads as fast as the server sends
 *
 * WARMUP and COUNT are handshakes or MiB. Amounts, not times: on a busy machine a server would otherwise be measured cold.
 * The protocol is TLS 1.3, the cipher TLS_AES_256_GCM_SHA384, the group X25519, so that all servers do the same work.
 * CONNECTIONS are under way at any time. Prints 'begin' and 'end' at the edges of what is measured, so that the caller can
 * look at the server's clock, then 'done=N resumed=N bytes=N nanos=N'.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PIECE 16384

enum mode { FULL, RESUMED, RECEIVE, SEND };

struct connection {
  int fd;
  SSL *ssl;
  int shaken; /* the handshake is done */
  int asked;
  int answered;
  uint32_t events;
};

static enum mode mode;
static struct sockaddr_in address;
static SSL_CTX *context;
static SSL_SESSION *session; /* the newest that the server gave */
static int epoll;
static char payload[PIECE], sink[PIECE];
static uint64_t done, resumed, bytes;

static void die(const char *what) {
  if (errno) perror(what);
  else fprintf(stderr, "%s\n", what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static void say(const char *word) {
  puts(word);
  fflush(stdout);
}

static int keep(SSL *ssl, SSL_SESSION *given) {
  (void)ssl;
  if (mode != RESUMED) return 0;
  SSL_SESSION_free(session);
  session = given;
  return 1;
}

static void make_context(void) {
  context = SSL_CTX_new(TLS_client_method());
  if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
      !SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") || !SSL_CTX_set1_groups_list(context, "X25519"))
    die("OpenSSL");
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

static void open_connection(struct connection *c) {
  c->shaken = c->asked = c->answered = 0;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("connect");
  int on = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->ssl = SSL_new(context);
  if (!c->ssl || !SSL_set_fd(c->ssl, c->fd)) die("OpenSSL");
  if (session) SSL_set_session(c->ssl, session);
  SSL_set_connect_state(c->ssl);
  c->events = EPOLLIN;
  struct epoll_event event = {.events = c->events, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void close_connection(struct connection *c) {
  SSL_shutdown(c->ssl); /* the server's end has come, this is ours */
  SSL_free(c->ssl);
  close(c->fd);
}

static void watch(struct connection *c, uint32_t events) {
  if (events == c->events) return;
  c->events = events;
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
}

/* Waits for what OpenSSL has asked for; returns 0 at the end of the connection. */
static int wait_for(struct connection *c, int result) {
  switch (SSL_get_error(c->ssl, result)) {
    case SSL_ERROR_WANT_READ: watch(c, EPOLLIN); return 1;
    case SSL_ERROR_WANT_WRITE: watch(c, EPOLLOUT); return 1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: die("the server has broken a connection");
  }
  return 0;
}

/* Goes on until OpenSSL has to wait; returns 0 at the end of the connection. */
static int step(struct connection *c) {
  errno = 0;
  if (!c->shaken) {
    int result = SSL_do_handshake(c->ssl);
    if (result <= 0) return wait_for(c, result);
    c->shaken = 1;
    resumed += SSL_session_reused(c->ssl);
  }
  if (mode == RECEIVE) {
    for (int i = 0; i < 16; i++) { /* then it is another connection's turn */
      int n = SSL_write(c->ssl, payload, sizeof payload);
      if (n <= 0) return wait_for(c, n);
      bytes += n;
    }
    watch(c, EPOLLOUT);
    return 1;
  }
  if (!c->asked) {
    int n = SSL_write(c->ssl, "GET /\r\n", 7);
    if (n <= 0) return wait_for(c, n);
    c->asked = 1;
  }
  for (;;) {
    int n = SSL_read(c->ssl, sink, sizeof sink);
    if (n <= 0) return wait_for(c, n);
    c->answered = 1;
    bytes += n;
  }
}

/* Goes on with a connection, or with the next one at its end. */
static void go_on(struct connection *c) {
  while (!step(c)) { /* a whole connection in one step, if this core was busy with something else meanwhile */
    if (!c->answered || mode == SEND) die("the server has ended a connection too early");
    done++;
    close_connection(c);
    open_connection(c);
  }
}

int main(int argc, char **argv) {
  static const char *modes[] = {"full", "resumed", "receive", "send"};
  int found = 0;
  if (argc == 7)
    for (; found < 4 && strcmp(argv[1], modes[found]); found++) {
    }
  if (argc != 7 || found == 4) {
    fprintf(stderr, "usage: see the head of tlsload.c\n");
    return 2;
  }
  mode = found;
  address.sin_family = AF_INET;
  address.sin_port = htons(atoi(argv[3]));
  if (inet_pton(AF_INET, argv[2], &address.sin_addr) != 1) die("host");
  int count = atoi(argv[4]);
  signal(SIGPIPE, SIG_IGN);
  make_context();
  epoll = epoll_create1(0);
  struct connection *connections = calloc(count, sizeof *connections);
  for (int i = 0; i < count; i++) {
    open_connection(&connections[i]);
    go_on(&connections[i]);
  }
  uint64_t *so_far = mode == RECEIVE || mode == SEND ? &bytes : &done;
  uint64_t unit = so_far == &bytes ? 1 << 20 : 1;
  uint64_t target = strtoull(argv[5], 0, 10) * unit, begin = 0;
  for (;;) {
    if (*so_far >= target) {
      if (begin) break;
      say("begin");
      target = strtoull(argv[6], 0, 10) * unit;
      done = resumed = bytes = 0;
      begin = now();
    }
    struct epoll_event events[64];
    int n = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < n; i++) go_on(events[i].data.ptr);
  }
  uint64_t nanos = now() - begin;
  say("end");
  printf("done=%llu resumed=%llu bytes=%llu nanos=%llu\n", (unsigned long long)done, (unsigned long long)resumed,
         (unsigned long long)bytes, (unsigned long long)nanos);
  return 0;
}
