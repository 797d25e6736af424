// Kingma & Ba 2015 and, where `maxima` is given, Reddi, Kale & Kumar 2018, in the order of PyTorch 1.0.
#include "Dispatch.h"
#include "Numerics.h"

enum { lanes = 16, vectors = 4, block = 256, idle_block = lanes * vectors };

typedef float vector __attribute__((ext_vector_type(16)));

// By address: vectors that are passed by value have another ABI with each instruction set.
WARRANT_INLINE void load(vector *x, const float *from) { memcpy(x, from, sizeof *x); }
WARRANT_INLINE void store(float *to, const vector *x) { memcpy(to, x, sizeof *x); }

/// Moments after a step; single steps and those that were put off give the same bits.
WARRANT_INLINE void step_moments(const vector *p, const vector *gradient, vector *m, vector *v,
                                 warrant_adam_step step) {
    const vector g = *gradient * step.gradient_scale + step.weight_decay * *p;
    *m = step.beta1 * *m + (1.0f - step.beta1) * g;
    *v = step.beta2 * *v + (1.0f - step.beta2) * g * g;
}

WARRANT_INLINE void step_parameter(vector *p, const vector *m, const vector *root,
                                   warrant_adam_step step) {
    *p = *p - step.rate * *m / (*root + step.epsilon);
}

/// A step of one vector of elements.
WARRANT_INLINE void step_vector(float *parameter, const float *gradient, float *moment1,
                                float *moment2, float *maxima, warrant_adam_step step) {
    vector p, g, m, v, largest;
    load(&p, parameter);
    load(&g, gradient);
    load(&m, moment1);
    load(&v, moment2);
    step_moments(&p, &g, &m, &v, step);
    store(moment1, &m);
    store(moment2, &v);
    if (maxima) {
        load(&largest, maxima);
        v = __builtin_elementwise_max(v, largest);
        store(maxima, &v);
    }
    const vector root = __builtin_elementwise_sqrt(v);
    step_parameter(&p, &m, &root, step);
    store(parameter, &p);
}

WARRANT_BODY warrant_adam_body(float *parameter, const float *const *gradients,
                               size_t gradient_count, float *moment1, float *moment2,
                               float *maxima, size_t count, warrant_adam_step step) {
    float sum[block];
    for (size_t start = 0; start < count; start += block) {
        const size_t size = count - start < block ? count - start : block;
        warrant_sum_block(sum, gradients, gradient_count, start, size);
        size_t i = 0;
        for (; i + lanes <= size; i += lanes)
            step_vector(parameter + start + i, sum + i, moment1 + start + i, moment2 + start + i,
                        maxima ? maxima + start + i : NULL, step);
        if (i == size) continue;
        // The last elements, in a vector that zeros fill up.
        float rest[5][lanes] = {{0}};
        float *const all[4] = {parameter, moment1, moment2, maxima};
        for (size_t k = 0; k < 4; k++)
            for (size_t j = i; j < size && all[k]; j++) rest[k][j - i] = all[k][start + j];
        for (size_t j = i; j < size; j++) rest[4][j - i] = sum[j];
        step_vector(rest[0], rest[4], rest[1], rest[2], maxima ? rest[3] : NULL, step);
        for (size_t k = 0; k < 4; k++)
            for (size_t j = i; j < size && all[k]; j++) all[k][start + j] = rest[k][j - i];
    }
}

// Four vectors at a time stay in registers over all steps, so that one's square root and division hide
// behind the others'.
WARRANT_BODY warrant_adam_idle_body(float *parameter, float *moment1, float *moment2,
                                    float *maxima, size_t count, const warrant_adam_step *steps,
                                    size_t step_count, float weight_decay) {
    for (size_t start = 0; start < count; start += idle_block) {
        const size_t size = count - start < idle_block ? count - start : idle_block;
        float values[4][idle_block] = {{0}};
        float *const all[4] = {parameter, moment1, moment2, maxima};
        for (size_t k = 0; k < 4; k++)
            for (size_t i = 0; i < size && all[k]; i++) values[k][i] = all[k][start + i];
        // What has no momentum and does not decay stays.
        int moves = 0;
        for (size_t i = 0; i < idle_block; i++)
            moves |= values[1][i] != 0.0f || values[2][i] != 0.0f ||
                     (weight_decay != 0.0f && values[0][i] != 0.0f);
        if (!moves) continue;
        vector p[vectors], m[vectors], v[vectors], largest[vectors], root[vectors];
        const vector zero = 0.0f;
        for (int k = 0; k < vectors; k++) {
            load(p + k, values[0] + k * lanes);
            load(m + k, values[1] + k * lanes);
            load(v + k, values[2] + k * lanes);
            load(largest + k, values[3] + k * lanes);
            root[k] = __builtin_elementwise_sqrt(largest[k]);
        }
        for (size_t s = 0; s < step_count; s++) {
            warrant_adam_step step = steps[s];
            step.weight_decay = weight_decay;
            int grows = 0;
            for (int k = 0; k < vectors; k++) step_moments(p + k, &zero, m + k, v + k, step);
            if (maxima) {
                // The largest second moment is mostly an earlier one, whose root is known.
                for (int k = 0; k < vectors; k++)
                    grows |= __builtin_reduce_or(v[k] > largest[k]);
                if (grows)
                    for (int k = 0; k < vectors; k++) {
                        largest[k] = __builtin_elementwise_max(v[k], largest[k]);
                        root[k] = __builtin_elementwise_sqrt(largest[k]);
                    }
            } else {
                for (int k = 0; k < vectors; k++) root[k] = __builtin_elementwise_sqrt(v[k]);
            }
            for (int k = 0; k < vectors; k++) step_parameter(p + k, m + k, root + k, step);
        }
        for (int k = 0; k < vectors; k++) {
            store(values[0] + k * lanes, p + k);
            store(values[1] + k * lanes, m + k);
            store(values[2] + k * lanes, v + k);
            store(values[3] + k * lanes, largest + k);
        }
        for (size_t k = 0; k < 4; k++)
            for (size_t i = 0; i < size && all[k]; i++) all[k][start + i] = values[k][i];
    }
}

WARRANT_KERNEL(warrant_adam,
               (float *parameter, const float *const *gradients, size_t gradient_count,
                float *moment1, float *moment2, float *maxima, size_t count,
                warrant_adam_step step),
               (parameter, gradients, gradient_count, moment1, moment2, maxima, count, step))
WARRANT_KERNEL(warrant_adam_idle,
               (float *parameter, float *moment1, float *moment2, float *maxima, size_t count,
                const warrant_adam_step *steps, size_t step_count, float weight_decay),
               (parameter, moment1, moment2, maxima, count, steps, step_count, weight_decay))
