// Kingma & Ba 2015 and, where `maxima` is given, Reddi, Kale & Kumar 2018, in the order of PyTorch 1.0.
#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

WARRANT_BODY warrant_adam_body(float *parameter, const float *const *gradients,
                               size_t gradient_count, float *moment1, float *moment2,
                               float *maxima, size_t count, warrant_adam_step step) {
    enum { block = 256 };
    float sum[block], root[block];
    for (size_t start = 0; start < count; start += block) {
        const size_t size = count - start < block ? count - start : block;
        float *p = parameter + start, *m = moment1 + start, *v = moment2 + start;
        warrant_sum_block(sum, gradients, gradient_count, start, size);
        for (size_t i = 0; i < size; i++) {
            const float g = sum[i] * step.gradient_scale + step.weight_decay * p[i];
            m[i] = step.beta1 * m[i] + (1.0f - step.beta1) * g;
            v[i] = step.beta2 * v[i] + (1.0f - step.beta2) * g * g;
        }
        if (maxima) {
            float *largest = maxima + start;
            for (size_t i = 0; i < size; i++) largest[i] = v[i] > largest[i] ? v[i] : largest[i];
            for (size_t i = 0; i < size; i++) root[i] = sqrtf(largest[i]);
        } else {
            for (size_t i = 0; i < size; i++) root[i] = sqrtf(v[i]);
        }
        for (size_t i = 0; i < size; i++) p[i] -= step.rate * m[i] / (root[i] + step.epsilon);
    }
}

WARRANT_KERNEL(warrant_adam,
               (float *parameter, const float *const *gradients, size_t gradient_count,
                float *moment1, float *moment2, float *maxima, size_t count,
                warrant_adam_step step),
               (parameter, gradients, gradient_count, moment1, moment2, maxima, count, step))
