/* Load for the benchmarks: clients of event streams, and a publisher.

   load watch HOST PORT CLIENTS DISTINCT headers|caught-up LAST_EVENT_ID PATH...
       Opens CLIENTS streams; client i asks for path i modulo their number, in which `%d`
       becomes i modulo DISTINCT. A LAST_EVENT_ID of 0 is not sent. A client is ready when its
       response has begun, or when it is told `caught-up`. Takes commands on standard input:
         report   print what was seen since the last reset, as one line of JSON
         reset    forget the counts and latencies, not the connections
       and ends at the end of standard input.

   load publish nats|http HOST PORT TARGET FIRST EVENTS RATE AGENTS BYTES
       Publishes EVENTS events of BYTES bytes, numbered from FIRST on, RATE a second (0: as
       fast as they are taken), and prints one line of JSON. TARGET is a subject, in which `%d` becomes n
       modulo AGENTS, or the path to POST to.

   Every event carries `"n":` (1, 2, 3 …) and `"ts":` (nanoseconds since 1970) as its first two
   members; watchers check that n only grows, and take the time of every event they get. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 96, OPENING = 256, HEAD = 4096, PORTS_OF_AN_ADDRESS = 20000 };

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long long clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static double seconds_since(long long start_ns) {
    return (clock_ns(CLOCK_MONOTONIC) - start_ns) / 1e9;
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec
         + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Latencies in buckets that are less than 1 % wide, so that no event is left out. */

enum { STEP_BITS = 7, STEPS = 1 << STEP_BITS, BUCKETS = 64 * STEPS };

typedef struct { long count[BUCKETS]; long total; long long max; } histogram;

static int bucket_of(unsigned long long ns) {
    if (ns < STEPS) return (int)ns;
    int shift = 63 - __builtin_clzll(ns) - STEP_BITS;
    return (shift << STEP_BITS) + (int)(ns >> shift);
}

static long long middle_of(int bucket) {
    if (bucket < 2 * STEPS) return bucket;
    int shift = (bucket >> STEP_BITS) - 1;
    return ((long long)((bucket & (STEPS - 1)) + STEPS) << shift) + (1LL << shift) / 2;
}

static void record(histogram *seen, long long ns) {
    if (ns < 0) ns = 0;
    seen->count[bucket_of(ns)]++;
    seen->total++;
    if (ns > seen->max) seen->max = ns;
}

static double percentile_ms(const histogram *seen, double share) {
    long wanted = (long)(share * seen->total), passed = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++)
        if ((passed += seen->count[bucket]) > wanted) return middle_of(bucket) / 1e6;
    return seen->max / 1e6;
}

/* A client: takes the chunks of the body apart, then the body into lines. */

typedef enum { CONNECTING, HEADERS, BODY, CLOSED } phase;

typedef struct {
    int fd, index;
    phase phase;
    bool chunked, ready, refused;
    long chunk_left;          /* bytes of the present chunk; -1 while its size is read */
    int line_length, head_length;
    char line[LINE];          /* the beginning of the present line */
    char *head;               /* the response's headers, until they are complete */
    long events, last_n;
} client;

static struct {
    client *clients;
    char **paths;
    int path_count, count, distinct, epoll;
    const char *last_event_id;
    bool until_caught_up;
    struct sockaddr_in server;
    int opened, failed, closed, ready, next, connecting;
    long long started, received_ns, first_event, last_event;
    long events, bytes, reads, disordered;
    double cpu_at_reset;
    histogram latency, ready_after;
} watch;

static void become_ready(client *me) {
    if (me->ready) return;
    me->ready = true;
    watch.ready++;
    record(&watch.ready_after, clock_ns(CLOCK_MONOTONIC) - watch.started);
}

static void take_event(client *me) {
    char *end, *at = me->line + strlen("data: {\"n\":");
    long n = strtol(at, &end, 10);
    long long sent = strtoll(end + strlen(",\"ts\":"), NULL, 10);
    watch.disordered += n <= me->last_n;
    me->last_n = n;
    me->events++;
    watch.events++;
    if (!watch.first_event) watch.first_event = clock_ns(CLOCK_MONOTONIC);
    record(&watch.latency, watch.received_ns - sent);
}

static bool line_begins(const client *me, const char *text) {
    return strncmp(me->line, text, strlen(text)) == 0;
}

static void take_line(client *me) {
    me->line[me->line_length] = 0;
    if (me->line[0] == 'd' && line_begins(me, "data: {\"n\":")) take_event(me);
    else if (me->line[0] == 'e' && line_begins(me, "event: caught-up")) become_ready(me);
    else if (me->line[0] == 'e' && line_begins(me, "event: unavailable")) me->refused = true;
    me->line_length = 0;
}

static void keep_line(client *me, const char *from, size_t length) {
    size_t room = LINE - 1 - me->line_length;
    size_t kept = length < room ? length : room;
    memcpy(me->line + me->line_length, from, kept);
    me->line_length += (int)kept;
}

static void take_body(client *me, const char *from, const char *end) {
    while (from < end) {
        const char *newline = memchr(from, '\n', end - from);
        keep_line(me, from, (newline ? newline : end) - from);
        if (!newline) return;
        take_line(me);
        from = newline + 1;
    }
}

static const char *take_chunk_size(client *me, const char *from, const char *end) {
    const char *newline = memchr(from, '\n', end - from);
    keep_line(me, from, (newline ? newline : end) - from);
    if (!newline) return end;
    me->line[me->line_length] = 0;
    bool empty = me->line[0] == '\r';         /* the end of the chunk before */
    if (!empty) me->chunk_left = strtol(me->line, NULL, 16);
    me->line_length = 0;
    return newline + 1;
}

/* A chunk must hold whole lines, or the size of the next would be taken for one. */
static void take_chunks(client *me, const char *from, const char *end) {
    while (from < end) {
        if (me->chunk_left <= 0) {
            from = take_chunk_size(me, from, end);
            continue;
        }
        const char *stop = end - from < me->chunk_left ? end : from + me->chunk_left;
        take_body(me, from, stop);
        me->chunk_left -= stop - from;
        from = stop;
    }
}

static void close_client(client *me) {
    if (me->phase == CLOSED) return;
    if (me->phase == CONNECTING) watch.connecting--;
    if (me->phase == BODY) watch.closed++;
    else watch.failed++;
    me->phase = CLOSED;
    free(me->head);
    me->head = NULL;
    close(me->fd);
}

/* Returns where the body begins, or `end`. */
static const char *take_headers(client *me, const char *from, const char *end) {
    size_t before = me->head_length, length = end - from;
    if (before + length >= HEAD) length = HEAD - 1 - before;
    memcpy(me->head + before, from, length);
    me->head_length += (int)length;
    me->head[me->head_length] = 0;
    char *stop = strstr(me->head, "\r\n\r\n");
    if (!stop) return end;
    if (!strstr(me->head, " 200 ")) me->refused = true;
    me->chunked = strcasestr(me->head, "transfer-encoding: chunked") != NULL;
    me->phase = BODY;
    watch.opened++;
    if (!watch.until_caught_up) become_ready(me);
    size_t used = stop + 4 - me->head - before;
    free(me->head);
    me->head = NULL;
    return from + used;
}

static void read_client(client *me) {
    static char buffer[1 << 18];
    ssize_t got = read(me->fd, buffer, sizeof buffer);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        close_client(me);
        return;
    }
    watch.received_ns = clock_ns(CLOCK_REALTIME);
    watch.reads++;
    watch.bytes += got;
    const char *from = buffer, *end = buffer + got;
    long before = watch.events;
    if (me->phase == HEADERS) from = take_headers(me, from, end);
    if (me->phase == BODY) (me->chunked ? take_chunks : take_body)(me, from, end);
    if (watch.events != before) watch.last_event = clock_ns(CLOCK_MONOTONIC);
}

static void send_request(client *me) {
    char path[1024], request[2048], resume[64] = "";
    snprintf(path, sizeof path, watch.paths[me->index % watch.path_count],
             me->index % watch.distinct);
    if (strcmp(watch.last_event_id, "0") != 0)
        snprintf(resume, sizeof resume, "Last-Event-ID: %s\r\n", watch.last_event_id);
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: benchmark\r\nAccept: text/event-stream\r\n%s\r\n", path, resume);
    watch.connecting--;
    me->phase = HEADERS;
    me->head = malloc(HEAD);
    if (write(me->fd, request, length) != length) close_client(me);
}

static void open_client(int index) {
    client *me = &watch.clients[index];
    *me = (client){.index = index, .phase = CONNECTING};
    me->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (me->fd < 0) fail("socket");
    struct sockaddr_in own = {.sin_family = AF_INET};
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index / PORTS_OF_AN_ADDRESS);
    int on = 1;
    setsockopt(me->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(me->fd, (struct sockaddr *)&own, sizeof own)) fail("bind");
    watch.connecting++;
    if (connect(me->fd, (struct sockaddr *)&watch.server, sizeof watch.server)
        && errno != EINPROGRESS) {
        close_client(me);
        return;
    }
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLOUT, .data.ptr = me};
    epoll_ctl(watch.epoll, EPOLL_CTL_ADD, me->fd, &wanted);
}

static void connected(client *me) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = me};
    epoll_ctl(watch.epoll, EPOLL_CTL_MOD, me->fd, &wanted);
    send_request(me);
}

static void open_more(void) {
    while (watch.next < watch.count && watch.connecting < OPENING) open_client(watch.next++);
}

static void reset(void) {
    watch.events = watch.bytes = watch.reads = watch.disordered = 0;
    watch.first_event = watch.last_event = 0;
    watch.cpu_at_reset = cpu_seconds();
    memset(&watch.latency, 0, sizeof watch.latency);
    for (int i = 0; i < watch.count; i++) watch.clients[i].events = watch.clients[i].last_n = 0;
}

static void report_times(const char *name, const histogram *times) {
    printf("\"%s\":{\"count\":%ld,\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f,\"p999\":%.4f,"
           "\"max\":%.4f}", name, times->total, percentile_ms(times, 0.5),
           percentile_ms(times, 0.9), percentile_ms(times, 0.99), percentile_ms(times, 0.999),
           times->max / 1e6);
}

static void report(void) {
    long fewest = LONG_MAX, most = 0;
    int refused = 0;
    for (int i = 0; i < watch.next; i++) {
        client *each = &watch.clients[i];
        refused += each->refused;
        if (each->events < fewest) fewest = each->events;
        if (each->events > most) most = each->events;
    }
    double span = watch.events ? (watch.last_event - watch.first_event) / 1e9 : 0;
    printf("{\"opened\":%d,\"failed\":%d,\"closed\":%d,\"refused\":%d,\"ready\":%d,"
           "\"events\":%ld,\"fewest\":%ld,\"most\":%ld,\"disordered\":%ld,\"bytes\":%ld,"
           "\"reads\":%ld,\"span_seconds\":%.6f,\"cpu_seconds\":%.3f,",
           watch.opened, watch.failed, watch.closed, refused, watch.ready, watch.events,
           watch.next ? fewest : 0, most, watch.disordered, watch.bytes, watch.reads, span,
           cpu_seconds() - watch.cpu_at_reset);
    report_times("latency_ms", &watch.latency);
    printf(",");
    report_times("ready_ms", &watch.ready_after);
    printf("}\n");
    fflush(stdout);
}

/* Returns false at the end of standard input. */
static bool obey(void) {
    char commands[256];
    ssize_t got = read(STDIN_FILENO, commands, sizeof commands - 1);
    if (got <= 0) return false;
    commands[got] = 0;
    for (char *each = strtok(commands, "\n"); each; each = strtok(NULL, "\n")) {
        if (strcmp(each, "report") == 0) report();
        if (strcmp(each, "reset") == 0) reset();
    }
    return true;
}

static void handle(const struct epoll_event *event) {
    client *me = event->data.ptr;
    if (me->phase == CONNECTING) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(me->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) close_client(me);
        else connected(me);
    } else if (me->phase != CLOSED) {
        read_client(me);
    }
}

static struct sockaddr_in address(const char *host, const char *port) {
    struct sockaddr_in found = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    if (inet_pton(AF_INET, host, &found.sin_addr) != 1) fail("the host must be an IPv4 address");
    return found;
}

static int watch_streams(char **arguments, int count) {
    watch.server = address(arguments[0], arguments[1]);
    watch.count = atoi(arguments[2]);
    watch.distinct = atoi(arguments[3]);
    watch.until_caught_up = strcmp(arguments[4], "caught-up") == 0;
    watch.last_event_id = arguments[5];
    watch.paths = arguments + 6;
    watch.path_count = count - 6;
    watch.clients = calloc(watch.count, sizeof(client));
    watch.epoll = epoll_create1(0);
    watch.started = clock_ns(CLOCK_MONOTONIC);
    struct epoll_event ready[512], commands = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(watch.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &commands);
    while (true) {
        open_more();
        int found = epoll_wait(watch.epoll, ready, 512, -1);
        for (int i = 0; i < found; i++) {
            if (ready[i].data.ptr) handle(&ready[i]);
            else if (!obey()) return 0;
        }
    }
}

/* The publisher. */

static struct {
    int fd;
    bool nats;
    const char *target, *host;
    long asked, answered;
    size_t kept;
    char incoming[1 << 16];
} publisher;

enum { ASK_EVERY = 500, UNANSWERED = 4, CHUNK = 64 * 1024 };

static void write_all(const char *from, size_t length) {
    while (length) {
        ssize_t put = write(publisher.fd, from, length);
        if (put < 0) fail("write");
        from += put;
        length -= put;
    }
}

/* Counts answers: an ack of the stream, or a response of the web server. */
static void take_answer_line(const char *line) {
    const char *answer = publisher.nats ? "MSG answer " : "HTTP/1.1 ";
    publisher.answered += strstr(line, answer) != NULL;
    if (publisher.nats && strncmp(line, "PING", 4) == 0) write_all("PONG\r\n", 6);
}

static void listen_for(bool wait) {
    char *start = publisher.incoming, *newline;
    ssize_t got = recv(publisher.fd, start + publisher.kept,
                       sizeof publisher.incoming - 1 - publisher.kept, wait ? 0 : MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got < 0) fail("recv");
    if (got == 0) fail("the server hung up");
    char *end = start + publisher.kept + got;
    while ((newline = memchr(start, '\n', end - start))) {
        *newline = 0;
        take_answer_line(start);
        start = newline + 1;
    }
    publisher.kept = end - start;
    memmove(publisher.incoming, start, publisher.kept);
}

static int body_of(char *into, long n, int agent, int size) {
    int length = sprintf(into,
        "{\"n\":%ld,\"ts\":%lld,\"agent_id\":\"agent-%d\",\"status\":\"RUNNING\","
        "\"progress_percent\":42.5,\"current_step\":\"", n, clock_ns(CLOCK_REALTIME), agent);
    while (length < size - 2) into[length++] = 'x';
    return length + sprintf(into + length, "\"}");
}

static int message_of(char *into, long n, int agents, int size, bool ask) {
    char body[4096], subject[512];
    int agent = (int)(n % agents), length = body_of(body, n, agent, size);
    if (!publisher.nats)
        return sprintf(into, "POST %s HTTP/1.1\r\nHost: benchmark\r\nContent-Length: %d\r\n\r\n%s",
                       publisher.target, length, body);
    snprintf(subject, sizeof subject, publisher.target, agent);
    return sprintf(into, "PUB %s %s%d\r\n%s\r\n", subject, ask ? "answer " : "", length, body);
}

static void open_publisher(struct sockaddr_in server) {
    int on = 1;
    publisher.fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(publisher.fd, (struct sockaddr *)&server, sizeof server)) fail("connect");
    setsockopt(publisher.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!publisher.nats) return;
    const char *hello = "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB answer 1\r\n";
    write_all(hello, strlen(hello));
}

static void sleep_until(long long ns) {
    struct timespec then = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
}

static void publish_all(long first, long events, double rate, int agents, int size) {
    static char pending[CHUNK + 8192];
    long long start = clock_ns(CLOCK_MONOTONIC);
    long n = 0;
    while (n < events) {
        if (rate > 0) sleep_until(start + (long long)(n / rate * 1e9));
        int length = 0;
        long due = rate > 0 ? (long)(seconds_since(start) * rate) + 1 : events;
        while (n < due && n < events && length < CHUNK) {
            bool ask = !publisher.nats || (n + 1) % ASK_EVERY == 0 || n + 1 == events;
            n++;
            length += message_of(pending + length, first + n - 1, agents, size, ask);
            publisher.asked += ask;
        }
        write_all(pending, length);
        long allowed = publisher.nats ? UNANSWERED : 10000;
        do listen_for(publisher.asked - publisher.answered > allowed);
        while (publisher.asked - publisher.answered > allowed);
    }
    while (publisher.answered < publisher.asked) listen_for(true);
    double seconds = seconds_since(start);
    printf("{\"published\":%ld,\"seconds\":%.6f,\"cpu_seconds\":%.3f}\n", n, seconds,
           cpu_seconds());
}

static int publish_events(char **arguments) {
    publisher.nats = strcmp(arguments[0], "nats") == 0;
    publisher.target = arguments[3];
    open_publisher(address(arguments[1], arguments[2]));
    publish_all(atol(arguments[4]), atol(arguments[5]), atof(arguments[6]), atoi(arguments[7]),
                atoi(arguments[8]));
    return 0;
}

int main(int count, char **arguments) {
    if (count >= 9 && strcmp(arguments[1], "watch") == 0)
        return watch_streams(arguments + 2, count - 2);
    if (count == 11 && strcmp(arguments[1], "publish") == 0) return publish_events(arguments + 2);
    fprintf(stderr, "usage: see the beginning of load.c\n");
    return 2;
}
