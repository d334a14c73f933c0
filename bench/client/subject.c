// Measures a ROS 2 client, and is the one in C that others are compared with: subject NAMESPACE
//
// Speaks the protocol of matrix.py on standard input and output. Entities live on the thread that spins, as in a C
// program without an executor: wait, take until there is nothing, wait.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rcl/error_handling.h>
#include <rcl/graph.h>
#include <rcl/rcl.h>
#include <rmw/rmw.h>

#include "samples.h"

#define MOST_TIMES 1000000
#define LOST_NANOS 500000000LL

static rcl_context_t context;
static rcl_node_t node;

static void require(int ok, const char * what)
{
  if (!ok) {
    fprintf(stderr, "subject.c: %s: %s\n", what, rcl_get_error_string().str);
    exit(1);
  }
}

static void check(rcl_ret_t code, const char * what) {require(code == RCL_RET_OK, what);}

static int64_t now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_until(int64_t nanos)
{
  struct timespec t = {nanos / 1000000000, nanos % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
}

// ---- durations ----

static int64_t times[MOST_TIMES];
static _Atomic size_t time_count;

static void add_time(int64_t nanos) {if (time_count < MOST_TIMES) {times[time_count++] = nanos;}}

static int ascending(const void * a, const void * b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static double percentile_micros(double share) {return times[(size_t)(time_count * share)] / 1e3;}

// Prints and forgets them: p50, p99, p99.9 in us, how many.
static void print_times(void)
{
  if (time_count == 0) {
    printf("nan nan nan 0\n");
    return;
  }
  qsort(times, time_count, sizeof *times, ascending);
  printf("%.2f %.2f %.2f %zu\n", percentile_micros(.5), percentile_micros(.99), percentile_micros(.999), time_count);
  time_count = 0;
}

// ---- what is open ----

static struct
{
  char kind[16], name[32];
  int serialized;
  Sample message;
  Exchange service;
  rcl_serialized_message_t cdr;
  rcl_publisher_t publisher;
  rcl_subscription_t subscription;
  rcl_client_t client;
  rcl_service_t server;
  rcl_wait_set_t wait_set;
  rcl_guard_condition_t guard;
  pthread_t spinner;
  atomic_bool stopping;
  sem_t gate, drained;  // drain: the first message waits at the gate
  _Atomic size_t received, wanted;
  int64_t first, last;
} open_;

static int is(const char * kind) {return !strcmp(open_.kind, kind);}
static int publishes(void) {return is("publish") || is("echo") || is("ping");}
static int subscribes(void) {return is("take") || is("drain") || is("echo") || is("ping");}
static int spins(void) {return is("take") || is("drain") || is("echo") || is("serve");}

static int take(void)
{
  rmw_message_info_t info;
  rcl_ret_t code = open_.serialized ?
    rcl_take_serialized_message(&open_.subscription, &open_.cdr, &info, NULL) :
    rcl_take(&open_.subscription, open_.message.value, &info, NULL);
  if (code == RCL_RET_SUBSCRIPTION_TAKE_FAILED) {
    rcl_reset_error();
    return 0;
  }
  check(code, "take");
  return 1;
}

static void publish(void)
{
  check(
    open_.serialized ? rcl_publish_serialized_message(&open_.publisher, &open_.cdr, NULL) :
    rcl_publish(&open_.publisher, open_.message.value, NULL), "publish");
}

static void set_stamp(void)
{
  if (open_.serialized) {
    stamp_cdr(open_.message, open_.cdr.buffer, now());
  } else {
    stamp(open_.message, now());
  }
}

static int64_t get_stamp(void)
{
  return open_.serialized ? stamp_of_cdr(open_.message, open_.cdr.buffer) : stamp_of(open_.message);
}

// Waits for the guard condition and what is open.
static void wait_for_it(int64_t timeout_nanos)
{
  check(rcl_wait_set_clear(&open_.wait_set), "clear");
  check(rcl_wait_set_add_guard_condition(&open_.wait_set, &open_.guard, NULL), "add");
  if (subscribes()) {
    check(rcl_wait_set_add_subscription(&open_.wait_set, &open_.subscription, NULL), "add");
  } else if (is("serve")) {
    check(rcl_wait_set_add_service(&open_.wait_set, &open_.server, NULL), "add");
  } else {
    check(rcl_wait_set_add_client(&open_.wait_set, &open_.client, NULL), "add");
  }
  rcl_ret_t code = rcl_wait(&open_.wait_set, timeout_nanos);
  require(code == RCL_RET_OK || code == RCL_RET_TIMEOUT, "wait");
}

static int serve(void)
{
  rmw_service_info_t info;
  rcl_ret_t code = rcl_take_request_with_info(&open_.server, &info, open_.service.request);
  if (code == RCL_RET_SERVICE_TAKE_FAILED) {
    rcl_reset_error();
    return 0;
  }
  check(code, "request");
  check(rcl_send_response(&open_.server, &info.request_id, open_.service.response), "response");
  return 1;
}

static void count_drained(void)
{
  if (open_.received == 0) {
    sem_wait(&open_.gate);
    open_.first = now();
  }
  open_.last = now();
  if (++open_.received == open_.wanted) {sem_post(&open_.drained);}
}

static void * spin(void * unused)
{
  (void)unused;
  while (!open_.stopping) {
    wait_for_it(-1);
    if (is("serve")) {
      while (serve()) {}
      continue;
    }
    while (take()) {
      if (is("echo")) {
        publish();
      } else if (is("take")) {
        add_time(now() - get_stamp());
      } else {
        count_drained();
        if (open_.stopping) {break;}
      }
    }
  }
  return NULL;
}

// ---- commands ----

static void open_topics(const char * topic, size_t depth)
{
  char back[96];
  snprintf(back, sizeof back, "%s_back", topic);
  if (publishes()) {
    rcl_publisher_options_t options = rcl_publisher_get_default_options();
    options.qos.depth = depth;
    check(
      rcl_publisher_init(
        &open_.publisher, &node, open_.message.support, is("echo") ? back : topic, &options), "publisher");
  }
  if (subscribes()) {
    rcl_subscription_options_t options = rcl_subscription_get_default_options();
    options.qos.depth = depth;
    check(
      rcl_subscription_init(
        &open_.subscription, &node, open_.message.support, is("ping") ? back : topic, &options), "subscription");
  }
}

static void open_service(const char * name)
{
  if (is("serve")) {
    rcl_service_options_t options = rcl_service_get_default_options();
    check(rcl_service_init(&open_.server, &node, open_.service.support, name, &options), "service");
  } else {
    rcl_client_options_t options = rcl_client_get_default_options();
    check(rcl_client_init(&open_.client, &node, open_.service.support, name, &options), "client");
  }
}

static void open_it(const char * style, size_t bytes, size_t depth, const char * topic)
{
  open_.publisher = rcl_get_zero_initialized_publisher();
  open_.subscription = rcl_get_zero_initialized_subscription();
  open_.client = rcl_get_zero_initialized_client();
  open_.server = rcl_get_zero_initialized_service();
  open_.wait_set = rcl_get_zero_initialized_wait_set();
  open_.guard = rcl_get_zero_initialized_guard_condition();
  open_.serialized = !strcmp(style, "serialized");
  open_.stopping = 0;
  open_.received = 0;
  sem_init(&open_.gate, 0, 0);
  sem_init(&open_.drained, 0, 0);
  rcl_allocator_t allocator = rcl_get_default_allocator();
  check(rcl_guard_condition_init(&open_.guard, &context, rcl_guard_condition_get_default_options()), "guard");
  int topics = publishes() || subscribes();
  check(
    rcl_wait_set_init(
      &open_.wait_set, subscribes(), 1, 0, is("call"), is("serve"), 0, &context, allocator), "wait set");
  if (topics) {
    open_.message = sample(open_.name, bytes);
    open_.cdr = rmw_get_zero_initialized_serialized_message();
    check(rmw_serialized_message_init(&open_.cdr, 256, &allocator), "cdr");
    check(rmw_serialize(open_.message.value, open_.message.support, &open_.cdr), "serialize");
    open_topics(topic, depth);
  } else {
    open_.service = exchange(open_.name, bytes);
    open_service(topic);
  }
  if (spins()) {pthread_create(&open_.spinner, NULL, spin, NULL);}
  printf("ok\n");
}

static int matched(void)
{
  size_t subscriptions = 1, publishers = 1;
  bool server = true;
  if (publishes()) {check(rcl_publisher_get_subscription_count(&open_.publisher, &subscriptions), "count");}
  if (subscribes()) {check(rcl_subscription_get_publisher_count(&open_.subscription, &publishers), "count");}
  if (is("call")) {check(rcl_service_server_is_available(&node, &open_.client, &server), "available");}
  return subscriptions && publishers && server;
}

static void await_match(void)
{
  int64_t end = now() + 20000000000LL;
  while (!matched()) {
    require(now() < end, "no peer within 20 s");
    sleep_until(now() + 2000000);
  }
  printf("ok\n");
}

static void close_it(void)
{
  open_.stopping = 1;
  sem_post(&open_.gate);
  check(rcl_trigger_guard_condition(&open_.guard), "trigger");
  if (spins()) {pthread_join(open_.spinner, NULL);}
  check(rcl_wait_set_fini(&open_.wait_set), "fini");
  if (publishes()) {check(rcl_publisher_fini(&open_.publisher, &node), "fini");}
  if (subscribes()) {check(rcl_subscription_fini(&open_.subscription, &node), "fini");}
  if (publishes() || subscribes()) {
    check(rmw_serialized_message_fini(&open_.cdr), "fini");
    sample_free(open_.message, open_.name);
  } else {
    if (is("serve")) {
      check(rcl_service_fini(&open_.server, &node), "fini");
    } else {
      check(rcl_client_fini(&open_.client, &node), "fini");
    }
    exchange_free(open_.service, open_.name);
  }
  check(rcl_guard_condition_fini(&open_.guard), "fini");
  time_count = 0;
  printf("ok\n");
}

// One round trip; its duration counts when the answer to this very message comes in time.
static void ping(void)
{
  set_stamp();
  int64_t sent = get_stamp(), deadline = now() + LOST_NANOS;
  publish();
  for (int64_t left; (left = deadline - now()) > 0; ) {
    wait_for_it(left);
    while (take()) {
      if (get_stamp() == sent) {
        add_time(now() - sent);
        return;
      }
    }
  }
}

static void call(void)
{
  int64_t number, sent = now(), deadline = sent + LOST_NANOS;
  check(rcl_send_request(&open_.client, open_.service.request, &number), "request");
  for (int64_t left; (left = deadline - now()) > 0; ) {
    wait_for_it(left);
    rmw_service_info_t info;
    rcl_ret_t code = rcl_take_response_with_info(&open_.client, &info, open_.service.response);
    if (code == RCL_RET_OK && info.request_id.sequence_number == number) {
      add_time(now() - sent);
      return;
    }
    require(code == RCL_RET_OK || code == RCL_RET_CLIENT_TAKE_FAILED, "response");
    rcl_reset_error();
  }
}

static void publish_once(void)
{
  set_stamp();
  int64_t begin = now();
  publish();
  add_time(now() - begin);
}

static void drain(size_t count)
{
  open_.wanted = count;
  sem_post(&open_.gate);
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += 5;
  sem_timedwait(&open_.drained, &end);
  printf("%.0f 0 0 %zu\n", (open_.received - 1) / ((open_.last - open_.first) / 1e9), open_.received);
  open_.received = 0;
}

// COUNT times, in bursts with a pause after each.
static void go(size_t count, size_t burst, int64_t pause_micros)
{
  if (is("drain")) {
    drain(count);
    return;
  }
  int64_t next = now();
  for (size_t i = 0; i < count && !spins(); i++) {
    if (is("ping")) {
      ping();
    } else if (is("call")) {
      call();
    } else {
      publish_once();
    }
    if ((i + 1) % burst == 0) {
      next += pause_micros * 1000;
      if (is("publish")) {
        sleep_until(next);
      } else {
        sleep_until(now() + pause_micros * 1000);
      }
    }
  }
  print_times();
}

int main(int argc, char ** argv)
{
  require(argc == 2, "usage: subject NAMESPACE");
  rcl_init_options_t options = rcl_get_zero_initialized_init_options();
  check(rcl_init_options_init(&options, rcl_get_default_allocator()), "options");
  context = rcl_get_zero_initialized_context();
  check(rcl_init(0, NULL, &options, &context), "init");
  node = rcl_get_zero_initialized_node();
  rcl_node_options_t node_options = rcl_node_get_default_options();
  check(rcl_node_init(&node, "c", argv[1], &context, &node_options), "node");
  char line[256], command[16], style[16], topic[64];
  while (fgets(line, sizeof line, stdin)) {
    size_t count, burst, bytes, depth;
    long pause;
    sscanf(line, "%15s", command);
    if (sscanf(
        line, "open %15s %15s %31s %zu %zu %63s", open_.kind, style, open_.name, &bytes, &depth, topic) == 6)
    {
      open_it(style, bytes, depth, topic);
    } else if (sscanf(line, "go %zu %zu %ld", &count, &burst, &pause) == 3) {
      go(count, burst, pause);
    } else if (!strcmp(command, "matched")) {
      await_match();
    } else if (!strcmp(command, "allocated")) {
      printf("0\n");
    } else if (!strcmp(command, "close")) {
      close_it();
    } else {
      fprintf(stderr, "subject.c: what is %s", line);
      return 2;
    }
    fflush(stdout);
  }
  check(rcl_node_fini(&node), "fini");
  check(rcl_shutdown(&context), "shutdown");
  return 0;
}
