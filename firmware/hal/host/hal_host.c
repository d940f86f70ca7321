#define _DEFAULT_SOURCE /* flock, getrandom; the rest is POSIX */
#include "firmware/hal/host/hal_host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "firmware/app/nv.h"

static uint64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static size_t uart_read(void* ctx, uint8_t* data, size_t cap) {
  lm_host* host = (lm_host*)ctx;
  ssize_t got = read(host->options.in, data, cap);
  if (got > 0) return (size_t)got;
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) host->closed = true;
  return 0;
}

/* A reader that hangs must not hang the device: what it does not take within a second is dropped.
 */
static int uart_write(void* ctx, const uint8_t* data, size_t size) {
  lm_host* host = (lm_host*)ctx;
  while (size != 0) {
    struct pollfd p = {.fd = host->options.out, .events = POLLOUT};
    if (poll(&p, 1, 1000) <= 0) return 1;
    ssize_t put = write(host->options.out, data, size);
    if (put > 0) {
      data += put;
      size -= (size_t)put;
    } else if (errno != EINTR && errno != EAGAIN) {
      host->closed = true;
      return 1;
    }
  }
  return 0;
}

static int nv_read(void* ctx, size_t offset, uint8_t* data, size_t size) {
  const lm_host* host = (const lm_host*)ctx;
  if (offset > LM_NV_PAGE_BYTES || size > LM_NV_PAGE_BYTES - offset) return 1;
  return pread(host->nv, data, size, (off_t)offset) == (ssize_t)size ? 0 : 1;
}

static int nv_write(void* ctx, size_t offset, const uint8_t* data, size_t size) {
  const lm_host* host = (const lm_host*)ctx;
  if (offset > LM_NV_PAGE_BYTES || size > LM_NV_PAGE_BYTES - offset) return 1;
  if (pwrite(host->nv, data, size, (off_t)offset) != (ssize_t)size) return 1;
  return fdatasync(host->nv);
}

static uint32_t ticks_ms(void* ctx) {
  const lm_host* host = (const lm_host*)ctx;
  return (uint32_t)(now_ms() - host->begin_ms);
}

/* The contact changes only after the application has seen it unchanged for LM_HOST_PRESS_MS, so
 * that a busy machine delays a press and never swallows one. */
static bool button(void* ctx) {
  lm_host* host = (lm_host*)ctx;
  uint64_t now = now_ms();
  if (host->settled) {
    uint64_t due_ms = (uint64_t)host->pressed * host->options.every_ms;
    bool due = host->pressed < host->options.presses && now - host->begin_ms >= due_ms;
    if (!host->down && !due) return false;
    host->down = !host->down;
    if (host->down) host->pressed++;
    host->changed_ms = now;
  }
  host->settled = now - host->changed_ms >= LM_HOST_PRESS_MS;
  return host->down;
}

int lm_host_random(void* ctx, uint8_t* data, size_t size) {
  (void)ctx;
  while (size != 0) {
    ssize_t got = getrandom(data, size, 0);
    if (got < 0 && errno != EINTR) return 1;
    if (got > 0) {
      data += got;
      size -= (size_t)got;
    }
  }
  return 0;
}

static int open_page(const char* path, int* out) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return errno;
  struct stat st;
  int failed = 0;
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    failed = EBUSY;
  } else if (fstat(fd, &st) != 0) {
    failed = errno;
  } else if (st.st_size != (off_t)LM_NV_PAGE_BYTES) {
    failed = EINVAL;
  }
  if (failed != 0) {
    close(fd);
    return failed;
  }
  *out = fd;
  return 0;
}

int lm_host_open(lm_host* host, const lm_host_options* options) {
  memset(host, 0, sizeof *host);
  host->options = *options;
  host->nv = -1;
  if (options->every_ms < 2 * LM_HOST_PRESS_MS) return EINVAL;
  int failed = open_page(options->nv, &host->nv);
  if (failed != 0) return failed;
  int flags = fcntl(options->in, F_GETFL);
  if (flags < 0 || fcntl(options->in, F_SETFL, flags | O_NONBLOCK) != 0) {
    failed = errno;
    lm_host_close(host);
    return failed;
  }
  host->begin_ms = now_ms();
  host->changed_ms = host->begin_ms;
  host->hal = (lm_hal){.ctx = host,
                       .uart_read = uart_read,
                       .uart_write = uart_write,
                       .nv_read = nv_read,
                       .nv_write = nv_write,
                       .random = lm_host_random,
                       .seed_random = NULL,
                       .ticks_ms = ticks_ms,
                       .button = button};
  return 0;
}

bool lm_host_wait(lm_host* host, int ms) {
  struct pollfd p = {.fd = host->options.in, .events = POLLIN};
  (void)poll(&p, 1, ms);
  return !host->closed;
}

void lm_host_close(lm_host* host) {
  if (host->nv >= 0) close(host->nv);
  host->nv = -1;
}
