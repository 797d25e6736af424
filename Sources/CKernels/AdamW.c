// Loshchilov & Hutter 2019, algorithm 2, in the order of PyTorch's AdamW: decay first, then the
// step.
#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

WARRANT_INLINE void step_element(float *parameter, float gradient, float *moment1,
                                 float *moment2, warrant_adamw_step step, float decay,
                                 float rate, float root_correction) {
    float m = step.beta1 * *moment1 + (1.0f - step.beta1) * gradient;
    float v = step.beta2 * *moment2 + (1.0f - step.beta2) * gradient * gradient;
    *moment1 = m;
    *moment2 = v;
    *parameter = *parameter * decay - rate * m / (sqrtf(v) * root_correction + step.epsilon);
}

WARRANT_BODY warrant_adamw_body(float *parameter, uint16_t *half, const float *const *gradients,
                                size_t gradient_count, float *moment1, float *moment2,
                                size_t count, warrant_adamw_step step) {
    const float decay = 1.0f - step.learning_rate * step.weight_decay;
    const float rate = step.learning_rate / step.correction1;
    const float root_correction = 1.0f / sqrtf(step.correction2);
    enum { block = 256 };
    float sum[block];
    for (size_t start = 0; start < count; start += block) {
        const size_t size = count - start < block ? count - start : block;
        float *p = parameter + start, *m = moment1 + start, *v = moment2 + start;
        warrant_sum_block(sum, gradients, gradient_count, start, size);
        for (size_t i = 0; i < size; i++)
            step_element(p + i, sum[i] * step.gradient_scale, m + i, v + i, step, decay, rate,
                         root_correction);
        if (half)
            for (size_t i = 0; i < size; i++) half[start + i] = warrant_bf16(p[i]);
    }
}

// Element by element in the same order of operations, so the bits are those of single steps; the
// values stay in registers over a block's steps.
WARRANT_BODY warrant_adamw_idle_body(float *parameter, float *moment1, float *moment2,
                                     size_t count, const warrant_adamw_step *steps,
                                     size_t step_count) {
    enum { block = 64 };
    float p[block], m[block], v[block];
    for (size_t start = 0; start < count; start += block) {
        const size_t size = count - start < block ? count - start : block;
        for (size_t i = 0; i < block; i++) {
            p[i] = i < size ? parameter[start + i] : 0.0f;
            m[i] = i < size ? moment1[start + i] : 0.0f;
            v[i] = i < size ? moment2[start + i] : 0.0f;
        }
        // A row that no batch has used yet has no momentum: it only decays.
        int moves = 0;
        for (size_t i = 0; i < block; i++) moves |= m[i] != 0.0f || v[i] != 0.0f;
        for (size_t s = 0; s < step_count && !moves; s++) {
            const float decay = 1.0f - steps[s].learning_rate * steps[s].weight_decay;
            for (size_t i = 0; i < block; i++) p[i] *= decay;
        }
        for (size_t s = 0; s < step_count && moves; s++) {
            const warrant_adamw_step step = steps[s];
            const float decay = 1.0f - step.learning_rate * step.weight_decay;
            const float rate = step.learning_rate / step.correction1;
            const float root_correction = 1.0f / sqrtf(step.correction2);
            for (size_t i = 0; i < block; i++)
                step_element(p + i, 0.0f, m + i, v + i, step, decay, rate, root_correction);
        }
        for (size_t i = 0; i < size; i++) {
            parameter[start + i] = p[i];
        }
        // Memory of moments that are zero stays untouched: it may not even be there yet.
        for (size_t i = 0; i < size && moves; i++) {
            moment1[start + i] = m[i];
            moment2[start + i] = v[i];
        }
    }
}

WARRANT_KERNEL(warrant_adamw,
               (float *parameter, uint16_t *half, const float *const *gradients,
                size_t gradient_count, float *moment1, float *moment2, size_t count,
                warrant_adamw_step step),
               (parameter, half, gradients, gradient_count, moment1, moment2, count, step))
WARRANT_KERNEL(warrant_adamw_idle,
               (float *parameter, float *moment1, float *moment2, size_t count,
                const warrant_adamw_step *steps, size_t step_count),
               (parameter, moment1, moment2, count, steps, step_count))
