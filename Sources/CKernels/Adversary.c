// The objective of adversarial attention and its gradient (Jain & Wallace 2019, section 4.2.2).
//
// In float32 but for the vectors, the loss and the probability of a single logit. Loops run over a text's words, padded to whole vectors: a
// padded word has the weight 0 on all sides, and adds nothing to any sum.
#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

/// Added to probabilities under a logarithm.
static const float least = 1e-10f;

/// The largest of the first `words` elements.
WARRANT_INLINE double largest_of(const double *x, size_t words) {
    double lanes[16];
    for (size_t l = 0; l < 16; l++) lanes[l] = l < words ? x[l] : x[0];
    size_t c = 16;
    for (; c + 16 <= words; c += 16)
        for (size_t l = 0; l < 16; l++) lanes[l] = x[c + l] > lanes[l] ? x[c + l] : lanes[l];
    for (size_t l = 0; c + l < words; l++) lanes[l] = x[c + l] > lanes[l] ? x[c + l] : lanes[l];
    for (size_t half = 8; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            lanes[l] = lanes[l + half] > lanes[l] ? lanes[l + half] : lanes[l];
    return lanes[0];
}

/// a = softmax of the first `words` elements, 0 after them; logs = ln(a + least); shares =
/// a / (a + least).
WARRANT_INLINE void softmax_row(const double *z, size_t words, size_t stride, float *a, float *logs,
                                float *shares) {
    const double largest = largest_of(z, words);
    WARRANT_EACH
    for (size_t c = 0; c < stride; c++) a[c] = (float)(z[c] - largest);
    WARRANT_EACH
    for (size_t c = 0; c < stride; c++) a[c] = warrant_exp(a[c] < 0.0f ? a[c] : 0.0f);
    for (size_t c = words; c < stride; c++) a[c] = 0.0f;
    float sum = 0;
    {
#pragma clang fp reassociate(on)
        for (size_t c = 0; c < stride; c++) sum += a[c];
    }
    const float scale = 1.0f / sum;
    WARRANT_EACH
    for (size_t c = 0; c < stride; c++) {
        a[c] *= scale;
        logs[c] = warrant_log(a[c] + least);
        shares[c] = a[c] / (a[c] + least);
    }
}

/// JSD(a, b); subtracts `weight` times its gradients from `d_a` and, unless NULL, from `d_b`. With
/// m = (a + b) / 2 the gradient with respect to a is
/// (ln((a + least) / (m + least)) + a / (a + least) - m / (m + least)) / 2.
WARRANT_INLINE float divergence(const float *a, const float *log_a, const float *share_a,
                                const float *b, const float *log_b, const float *share_b,
                                size_t stride, float weight, float *d_a, float *d_b) {
    const float factor = 0.5f * weight;
    float sum = 0;
    {
#pragma clang fp reassociate(on)
#pragma clang loop vectorize(assume_safety)
        for (size_t c = 0; c < stride; c++) {
            const float m = 0.5f * (a[c] + b[c]);
            const float log_m = warrant_log(m + least);
            const float share = m / (m + least);
            const float from_a = log_a[c] - log_m, from_b = log_b[c] - log_m;
            sum += a[c] * from_a + b[c] * from_b;
            d_a[c] -= factor * (from_a + (share_a[c] - share));
            if (d_b) d_b[c] -= factor * (from_b + (share_b[c] - share));
        }
    }
    return 0.5f * sum;
}

WARRANT_INLINE float dot(const float *a, const float *b, size_t count) {
    float sum = 0;
    {
#pragma clang fp reassociate(on)
        for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    }
    return sum;
}

/// The logits of the weights `a`. `inner` [width]: what the output layer reads.
WARRANT_INLINE void logits_of(const warrant_adversary *text, const float *a, float *inner,
                              float *logits) {
    const size_t width = text->width;
    if (!text->output) {
        for (size_t c = 0; c < width; c++)
            logits[c] = text->bias[c] + dot(text->values + c * text->stride, a, text->stride);
        return;
    }
    for (size_t c = 0; c < width; c++) inner[c] = text->offset[c];
    for (size_t word = 0; word < text->words; word++) {
        const float *value = text->values + word * width;
        const float weight = a[word];
        WARRANT_EACH
        for (size_t c = 0; c < width; c++) inner[c] += weight * value[c];
    }
    WARRANT_EACH
    for (size_t c = 0; c < width; c++) inner[c] = warrant_tanh(inner[c]);
    for (size_t y = 0; y < text->outputs; y++)
        logits[y] = text->bias[y] + dot(text->output + y * width, inner, width);
}

/// The change of the output; `logits` is replaced by the gradient of the change with respect to it.
WARRANT_INLINE float change_of(const warrant_adversary *text, float *logits) {
    const size_t outputs = text->outputs;
    if (outputs == 1) {
        // The penalty multiplies what is lost here.
        const double p = 1 / (1 + exp(-(double)logits[0]));
        const double change = p - text->probabilities[0];
        logits[0] = (float)(p * (1 - p) * ((change > 0) - (change < 0)));
        return (float)fabs(change);
    }
    float largest = logits[0], sum = 0, size = 0, mean = 0;
    for (size_t y = 1; y < outputs; y++) largest = logits[y] > largest ? logits[y] : largest;
    WARRANT_EACH
    for (size_t y = 0; y < outputs; y++) logits[y] = warrant_exp(logits[y] - largest);
    for (size_t y = 0; y < outputs; y++) sum += logits[y];
    for (size_t y = 0; y < outputs; y++) {
        logits[y] /= sum;
        const float change = (float)(logits[y] - text->probabilities[y]);
        size += change < 0 ? -change : change;
        mean += logits[y] * (float)((change > 0) - (change < 0));
    }
    for (size_t y = 0; y < outputs; y++) {
        const float change = (float)(logits[y] - text->probabilities[y]);
        logits[y] *= (float)((change > 0) - (change < 0)) - mean;
    }
    return size;
}

/// d_a += factor · the gradient of the logits, weighted by `d_logits`, with respect to the weights.
/// `inner` is overwritten.
WARRANT_INLINE void add_gradient(const warrant_adversary *text, const float *d_logits, float *inner,
                                 float factor, float *d_a) {
    const size_t width = text->width;
    if (!text->output) {
        for (size_t y = 0; y < width; y++) {
            const float *value = text->values + y * text->stride;
            const float d = factor * d_logits[y];
            WARRANT_EACH
            for (size_t c = 0; c < text->stride; c++) d_a[c] += d * value[c];
        }
        return;
    }
    for (size_t c = 0; c < width; c++) {
        float d = 0;
        for (size_t y = 0; y < text->outputs; y++) d += d_logits[y] * text->output[y * width + c];
        inner[c] = factor * d * (1.0f - inner[c] * inner[c]);
    }
    for (size_t word = 0; word < text->words; word++)
        d_a[word] += dot(text->values + word * width, inner, width);
}

size_t warrant_adversary_scratch(const warrant_adversary *text, size_t count) {
    return (2 * count + 1) * text->stride + text->width + text->outputs;
}

WARRANT_BODY warrant_adversary_gradient_body(const warrant_adversary *text, size_t count,
                                             const double *z, float *attention, float *differences,
                                             float *gradient, double *loss, float *scratch) {
    const size_t stride = text->stride;
    float *logs = scratch, *shares = logs + count * stride;
    float *own_logs = shares + count * stride;
    float *inner = own_logs + stride, *logits = inner + text->width;
    const float cross = 2.0f / ((float)count * (float)count);
    double total = 0;
    WARRANT_EACH
    for (size_t c = 0; c < stride; c++) own_logs[c] = warrant_log(text->attention[c] + least);
    for (size_t k = 0; k < count; k++)
        softmax_row(z + k * stride, text->words, stride, attention + k * stride, logs + k * stride,
                    shares + k * stride);
    for (size_t i = 0; i < count * stride; i++) gradient[i] = 0;
    for (size_t k = 0; k < count; k++) {
        const size_t own = k * stride;
        float *d = gradient + own;
        total -= (double)divergence(attention + own, logs + own, shares + own, text->attention,
                                    own_logs, NULL, stride, 1.0f, d, NULL);
        for (size_t j = k + 1; j < count; j++) {
            const size_t other = j * stride;
            total -= (double)cross * divergence(attention + own, logs + own, shares + own,
                                                attention + other, logs + other, shares + other,
                                                stride, cross, d, gradient + other);
        }
        logits_of(text, attention + own, inner, logits);
        const float change = change_of(text, logits);
        differences[k] = change;
        if (change > text->tolerance) {
            total += (double)text->penalty * ((double)change - (double)text->tolerance);
            add_gradient(text, logits, inner, text->penalty, d);
        }
        const float mean = dot(attention + own, d, stride);
        WARRANT_EACH
        for (size_t c = 0; c < stride; c++) d[c] = attention[own + c] * (d[c] - mean);
    }
    *loss = total;
}

WARRANT_BODY warrant_adversary_step_body(double *z, const float *gradient, float *moment1,
                                         float *moment2, float *maxima, size_t count,
                                         double beta1, double beta2, double rate,
                                         double epsilon) {
    // 1 - beta is rounded once: 1.0f - 0.999f is off by 1e-5 of itself.
    const float kept1 = (float)beta1, new1 = (float)(1 - beta1);
    const float kept2 = (float)beta2, new2 = (float)(1 - beta2);
    const float size = (float)rate, least_root = (float)epsilon;
    WARRANT_EACH
    for (size_t i = 0; i < count; i++) {
        const float g = gradient[i];
        const float m = kept1 * moment1[i] + new1 * g;
        const float v = kept2 * moment2[i] + new2 * g * g;
        const float largest = v > maxima[i] ? v : maxima[i];
        moment1[i] = m;
        moment2[i] = v;
        maxima[i] = largest;
        z[i] -= (double)(size * m / (warrant_sqrt(largest) + least_root));
    }
}

WARRANT_KERNEL(warrant_adversary_gradient,
               (const warrant_adversary *text, size_t count, const double *z, float *attention,
                float *differences, float *gradient, double *loss, float *scratch),
               (text, count, z, attention, differences, gradient, loss, scratch))
WARRANT_KERNEL(warrant_adversary_step,
               (double *z, const float *gradient, float *moment1, float *moment2, float *maxima,
                size_t count, double beta1, double beta2, double rate, double epsilon),
               (z, gradient, moment1, moment2, maxima, count, beta1, beta2, rate, epsilon))
