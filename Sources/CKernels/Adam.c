// Kingma & Ba 2015 and, where `maxima` is given, Reddi, Kale & Kumar 2018, in the order of PyTorch 1.0.
#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

enum { block = 256, idle_block = 64 };

/// A step of up to a block of elements: single steps and those that were put off give the same bits.
WARRANT_INLINE void step_block(float *p, const float *gradient, float *m, float *v, float *largest,
                               size_t size, warrant_adam_step step) {
    float root[block];
    for (size_t i = 0; i < size; i++) {
        const float g = gradient[i] * step.gradient_scale + step.weight_decay * p[i];
        m[i] = step.beta1 * m[i] + (1.0f - step.beta1) * g;
        v[i] = step.beta2 * v[i] + (1.0f - step.beta2) * g * g;
    }
    if (largest) {
        for (size_t i = 0; i < size; i++) largest[i] = v[i] > largest[i] ? v[i] : largest[i];
        for (size_t i = 0; i < size; i++) root[i] = sqrtf(largest[i]);
    } else {
        for (size_t i = 0; i < size; i++) root[i] = sqrtf(v[i]);
    }
    for (size_t i = 0; i < size; i++) p[i] -= step.rate * m[i] / (root[i] + step.epsilon);
}

WARRANT_BODY warrant_adam_body(float *parameter, const float *const *gradients,
                               size_t gradient_count, float *moment1, float *moment2,
                               float *maxima, size_t count, warrant_adam_step step) {
    float sum[block];
    for (size_t start = 0; start < count; start += block) {
        const size_t size = count - start < block ? count - start : block;
        warrant_sum_block(sum, gradients, gradient_count, start, size);
        step_block(parameter + start, sum, moment1 + start, moment2 + start,
                   maxima ? maxima + start : NULL, size, step);
    }
}

// The values stay in the nearest cache over a block's steps.
WARRANT_BODY warrant_adam_idle_body(float *parameter, float *moment1, float *moment2,
                                    float *maxima, size_t count, const warrant_adam_step *steps,
                                    size_t step_count, float weight_decay) {
    float p[idle_block], m[idle_block], v[idle_block], largest[idle_block];
    const float zero[idle_block] = {0};
    for (size_t start = 0; start < count; start += idle_block) {
        const size_t size = count - start < idle_block ? count - start : idle_block;
        for (size_t i = 0; i < idle_block; i++) {
            p[i] = i < size ? parameter[start + i] : 0.0f;
            m[i] = i < size ? moment1[start + i] : 0.0f;
            v[i] = i < size ? moment2[start + i] : 0.0f;
            largest[i] = maxima && i < size ? maxima[start + i] : 0.0f;
        }
        // What has no momentum and does not decay stays.
        int moves = 0;
        for (size_t i = 0; i < idle_block; i++)
            moves |= m[i] != 0.0f || v[i] != 0.0f || (weight_decay != 0.0f && p[i] != 0.0f);
        if (!moves) continue;
        for (size_t s = 0; s < step_count; s++) {
            warrant_adam_step step = steps[s];
            step.weight_decay = weight_decay;
            step_block(p, zero, m, v, maxima ? largest : NULL, idle_block, step);
        }
        for (size_t i = 0; i < size; i++) {
            parameter[start + i] = p[i];
            moment1[start + i] = m[i];
            moment2[start + i] = v[i];
            if (maxima) maxima[start + i] = largest[i];
        }
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
