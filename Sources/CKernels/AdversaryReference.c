// The objective of adversarial attention as a slow plain loop in double precision, one pair of vectors
// after the other.
#include <math.h>

#include "References.h"

static double divergence(const double *a, const double *b, size_t words) {
    double sum = 0;
    for (size_t c = 0; c < words; c++) {
        const double m = (a[c] + b[c]) / 2;
        sum += a[c] * log((a[c] + 1e-10) / (m + 1e-10)) + b[c] * log((b[c] + 1e-10) / (m + 1e-10));
    }
    return sum / 2;
}

/// The gradient of `divergence` with respect to a[c].
static double divergence_gradient(double a, double b) {
    const double m = (a + b) / 2;
    return (log((a + 1e-10) / (m + 1e-10)) + a / (a + 1e-10) - m / (m + 1e-10)) / 2;
}

/// A word's element of its value.
static double value_of(const warrant_adversary *text, size_t word, size_t c) {
    return text->output ? text->values[word * text->width + c]
                        : text->values[c * text->stride + word];
}

/// The probabilities [outputs] of the weights a, and what the output layer reads [width].
static void adversary_outputs(const warrant_adversary *text, const double *a, double *inner,
                              double *probabilities) {
    for (size_t c = 0; c < text->width; c++) {
        inner[c] = text->output ? text->offset[c] : 0;
        for (size_t word = 0; word < text->words; word++)
            inner[c] += a[word] * value_of(text, word, c);
        if (text->output) inner[c] = tanh(inner[c]);
    }
    double largest = -INFINITY, sum = 0;
    for (size_t y = 0; y < text->outputs; y++) {
        double logit = text->bias[y] + (text->output ? 0 : inner[y]);
        for (size_t c = 0; text->output && c < text->width; c++)
            logit += text->output[y * text->width + c] * inner[c];
        probabilities[y] = logit;
        largest = logit > largest ? logit : largest;
    }
    if (text->outputs == 1) {
        probabilities[0] = 1 / (1 + exp(-probabilities[0]));
        return;
    }
    for (size_t y = 0; y < text->outputs; y++) sum += exp(probabilities[y] - largest);
    for (size_t y = 0; y < text->outputs; y++)
        probabilities[y] = exp(probabilities[y] - largest) / sum;
}

/// The change of the output, and its gradient with respect to the logits.
static double adversary_change(const warrant_adversary *text, const double *p, double *d_logits) {
    double change = 0, mean = 0;
    for (size_t y = 0; y < text->outputs; y++) {
        const double difference = p[y] - text->probabilities[y];
        const double sign = (difference > 0) - (difference < 0);
        change += fabs(difference);
        mean += p[y] * sign;
        d_logits[y] = p[y] * sign;
    }
    for (size_t y = 0; y < text->outputs; y++)
        d_logits[y] -= text->outputs == 1 ? p[y] * d_logits[y] : p[y] * mean;
    return change;
}

void warrant_adversary_gradient_reference(const warrant_adversary *text, size_t count,
                                          const double *z, double *attention,
                                          double *differences, double *gradient, double *loss) {
    const size_t words = text->words, stride = text->stride, width = text->width;
    double own[words], inner[width], p[text->outputs], d_logits[text->outputs], d[words];
    for (size_t c = 0; c < words; c++) own[c] = text->attention[c];
    for (size_t k = 0; k < count; k++) {
        const double *zk = z + k * stride;
        double *a = attention + k * stride, largest = -INFINITY, sum = 0;
        for (size_t c = 0; c < words; c++) largest = zk[c] > largest ? zk[c] : largest;
        for (size_t c = 0; c < stride; c++) a[c] = c < words ? exp(zk[c] - largest) : 0;
        for (size_t c = 0; c < words; c++) sum += a[c];
        for (size_t c = 0; c < words; c++) a[c] /= sum;
    }
    *loss = 0;
    for (size_t k = 0; k < count; k++) {
        const double *a = attention + k * stride;
        *loss -= divergence(a, own, words);
        for (size_t c = 0; c < words; c++) d[c] = -divergence_gradient(a[c], own[c]);
        // The mean over all ordered pairs: each other vector stands on both sides.
        for (size_t j = 0; j < count; j++) {
            const double *b = attention + j * stride;
            *loss -= divergence(a, b, words) / (double)(count * count);
            for (size_t c = 0; c < words; c++)
                d[c] -= 2 * divergence_gradient(a[c], b[c]) / (double)(count * count);
        }
        adversary_outputs(text, a, inner, p);
        const double change = adversary_change(text, p, d_logits);
        differences[k] = change;
        if (change > text->tolerance) {
            *loss += text->penalty * (change - text->tolerance);
            for (size_t c = 0; c < width; c++) {
                double d_value = text->output ? 0 : d_logits[c];
                for (size_t y = 0; text->output && y < text->outputs; y++)
                    d_value += d_logits[y] * text->output[y * width + c] *
                               (1 - inner[c] * inner[c]);
                for (size_t word = 0; word < words; word++)
                    d[word] += text->penalty * d_value * value_of(text, word, c);
            }
        }
        double mean = 0;
        for (size_t c = 0; c < words; c++) mean += a[c] * d[c];
        for (size_t c = 0; c < stride; c++)
            gradient[k * stride + c] = c < words ? a[c] * (d[c] - mean) : 0;
    }
}
