/* The same work as a C loop over columns: the physical limit. One branch-free pass filters, one gathers the survivors
 * and finds the bounds, one scores; `order` then sorts, and leaves a reason for each candidate that is refused.
 *
 * Compiled with -ffp-contract=off, so that each operation is rounded on its own, as the language wants it. */

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    int64_t size;
    const uint8_t *needs, *provider, *partner;
    const double *price_in, *price_out, *context, *bench;
    uint8_t set[4];
    double bench_floor, price_ceiling, context_floor, latency_ceiling;
    /* room for `size` entries each */
    uint16_t *refused;
    int32_t *rows;
    double *first, *second, *third, *scores;
    uint32_t *keys, *places;
    /* what `order` leaves */
    int64_t kept;
    uint8_t *reasons;
    int32_t *ordered;
    double *ordered_scores;
} World;

typedef struct {
    World *world;
    double min_context, prompt_tokens, completion_tokens;
    uint8_t needs;
} Request;

typedef struct {
    const uint8_t *disabled, *breaker_open;
    const double *latency_ms;
} State;

typedef enum { A, B, C } Task;

/* A bit for each check that refuses, in the order of the checks: three needs, `min_context`, `disabled`, breaker,
 * context, price, latency, benchmark, provider or tier. */
static inline void filter(Task task, const Request *request, const State *state) {
    const World *w = request->world;
    const int64_t n = w->size;
    const uint8_t *restrict needs = w->needs, *restrict provider = w->provider, *restrict partner = w->partner;
    const uint8_t *restrict disabled = state->disabled, *restrict breaker = state->breaker_open;
    const double *restrict context = w->context, *restrict price = w->price_out, *restrict bench = w->bench;
    const double *restrict latency = state->latency_ms;
    uint16_t *restrict refused = w->refused;
    const uint8_t need = request->needs;
    const uint8_t p0 = w->set[0], p1 = w->set[1], p2 = w->set[2], p3 = w->set[3];
    const double room = request->min_context, context_floor = w->context_floor, bench_floor = w->bench_floor;
    const double price_ceiling = w->price_ceiling, latency_ceiling = w->latency_ceiling;
    for (int64_t i = 0; i < n; i++) {
        const uint8_t p = provider[i];
        const uint8_t other = !((p == p0) | (p == p1) | (p == p2) | (p == p3) | partner[i]);
        refused[i] = (uint16_t)((need & ~needs[i]) | disabled[i] << 4 | breaker[i] << 5 | other << 10);
    }
    for (int64_t i = 0; i < n; i++) {
        uint64_t bits = (uint64_t)!(context[i] >= context_floor) << 6 | (uint64_t)!(price[i] <= price_ceiling) << 7 |
                        (uint64_t)!(bench[i] >= bench_floor) << 9;
        if (task == B)
            bits |= (uint64_t)!(context[i] >= room) << 3 | (uint64_t)!(latency[i] <= latency_ceiling) << 8;
        refused[i] |= (uint16_t)bits;
    }
}

/* The survivors' numbers without a gap, and how many they are. */
static inline int64_t gather(const World *w) {
    int32_t *restrict rows = w->rows;
    const uint16_t *restrict refused = w->refused;
    int64_t kept = 0;
    for (int64_t i = 0; i < w->size; i++) {
        rows[kept] = (int32_t)i;
        kept += !refused[i];
    }
    return kept;
}

/* values[rows] into `into`; the least and the greatest. */
static inline void pick(const double *restrict values, const int32_t *restrict rows, int64_t kept,
                        double *restrict into, double *least, double *span) {
    double lo = INFINITY, hi = -INFINITY;
#pragma omp simd reduction(min : lo) reduction(max : hi)
    for (int64_t k = 0; k < kept; k++) {
        const double value = values[rows[k]];
        into[k] = value;
        lo = value < lo ? value : lo;
        hi = value > hi ? value : hi;
    }
    *least = lo;
    *span = hi > lo ? hi - lo : 1.0;
}

static inline int64_t score(Task task, const Request *request, const State *state) {
    const World *w = request->world;
    filter(task, request, state);
    const int64_t kept = gather(w);
    const int32_t *restrict rows = w->rows;
    double *restrict scores = w->scores;
    if (task == C) {
        const double prompt = request->prompt_tokens, completion = request->completion_tokens;
        const double *restrict in = w->price_in, *restrict out = w->price_out;
        for (int64_t k = 0; k < kept; k++)
            scores[k] = 1.0 - (prompt * in[rows[k]] + completion * out[rows[k]]) / 1e6;
        return kept;
    }
    double *restrict price = w->first, *restrict context = w->second, *restrict latency = w->third;
    double price_lo, price_span, context_lo, context_span, latency_lo, latency_span;
    pick(w->price_out, rows, kept, price, &price_lo, &price_span);
    pick(w->context, rows, kept, context, &context_lo, &context_span);
    if (task == A) {
        for (int64_t k = 0; k < kept; k++)
            scores[k] = 0.7 * (1.0 - (price[k] - price_lo) / price_span) + 0.3 * ((context[k] - context_lo) / context_span);
        return kept;
    }
    pick(state->latency_ms, rows, kept, latency, &latency_lo, &latency_span);
    for (int64_t k = 0; k < kept; k++)
        scores[k] = 0.5 * (1.0 - (price[k] - price_lo) / price_span) + 0.2 * ((context[k] - context_lo) / context_span) +
                    0.3 * (1.0 - (latency[k] - latency_lo) / latency_span);
    return kept;
}

static inline int64_t winner(Task task, const Request *request, const State *state) {
    const int64_t kept = score(task, request, state);
    const double *restrict scores = request->world->scores;
    if (!kept)
        return -1;
    double best = scores[0];
#pragma omp simd reduction(max : best)
    for (int64_t k = 1; k < kept; k++)
        best = scores[k] > best ? scores[k] : best;
    int64_t at = 0;
    while (scores[at] != best)
        at++;
    return request->world->rows[at];
}

/* Stable, greater scores first: the scores are dealt into buckets, four of them for each score, then put in order among those of
 * one bucket by insertion. */
enum { MOST_BUCKETS = 16384 };
static void sort(World *w, int64_t kept) {
    const double *restrict scores = w->scores;
    uint32_t *restrict keys = w->keys, *restrict places = w->places;
    uint32_t starts[MOST_BUCKETS];
    int buckets = 16;
    while (buckets < 4 * kept && buckets < MOST_BUCKETS)
        buckets *= 2;
    double lo = INFINITY, hi = -INFINITY;
#pragma omp simd reduction(min : lo) reduction(max : hi)
    for (int64_t k = 0; k < kept; k++) {
        lo = scores[k] < lo ? scores[k] : lo;
        hi = scores[k] > hi ? scores[k] : hi;
    }
    const double scale = hi > lo ? (buckets - 1) / (hi - lo) : 0.0;
    for (int64_t k = 0; k < kept; k++)
        keys[k] = (uint32_t)(int32_t)((hi - scores[k]) * scale);
    memset(starts, 0, (size_t)buckets * sizeof *starts);
    for (int64_t k = 0; k < kept; k++)
        starts[keys[k]]++;
    uint32_t place = 0;
    for (int value = 0; value < buckets; value++) {
        const uint32_t count = starts[value];
        starts[value] = place;
        place += count;
    }
    for (int64_t k = 0; k < kept; k++)
        places[starts[keys[k]]++] = (uint32_t)k;
    double *restrict sorted = w->ordered_scores;
    int32_t *restrict ordered = w->ordered;
    for (int64_t k = 0; k < kept; k++) {
        const int32_t at = (int32_t)places[k];
        const double value = scores[at];
        const int32_t row = w->rows[at];
        int64_t j = k;
        for (; j > 0 && sorted[j - 1] < value; j--) {
            sorted[j] = sorted[j - 1];
            ordered[j] = ordered[j - 1];
        }
        sorted[j] = value;
        ordered[j] = row;
    }
}

static inline int64_t order(Task task, const Request *request, const State *state) {
    World *w = request->world;
    const int64_t kept = score(task, request, state);
    const uint16_t *restrict refused = w->refused;
    uint8_t *restrict reasons = w->reasons;
    sort(w, kept);
    w->kept = kept;
    for (int64_t i = 0; i < w->size; i++) { /* the place of the lowest bit; 16 where there is none */
        const uint16_t bits = refused[i];
        reasons[i] = (uint8_t)__builtin_popcount((uint16_t)(~bits & (bits - 1)));
    }
    return kept ? w->ordered[0] : -1;
}

int64_t winner_A(const Request *request, const State *state) { return winner(A, request, state); }
int64_t winner_B(const Request *request, const State *state) { return winner(B, request, state); }
int64_t winner_C(const Request *request, const State *state) { return winner(C, request, state); }
int64_t order_A(const Request *request, const State *state) { return order(A, request, state); }
int64_t order_B(const Request *request, const State *state) { return order(B, request, state); }
int64_t order_C(const Request *request, const State *state) { return order(C, request, state); }
