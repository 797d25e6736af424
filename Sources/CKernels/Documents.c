// Element-wise kernels of the general operations, and those that work within a document.
#include <math.h>

#include "Dispatch.h"
#include "Numerics.h"

void warrant_sigmoid_forward(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = 1.0f / (1.0f + expf(-x[i]));
}

void warrant_sigmoid_backward(float *d_x, const float *d_out, const float *out, size_t count) {
    for (size_t i = 0; i < count; i++) d_x[i] = d_out[i] * (out[i] * (1.0f - out[i]));
}

void warrant_softmax(float *out, const float *scores, const uint8_t *masked, size_t count) {
    float largest = -INFINITY, sum = 0;
    for (size_t i = 0; i < count; i++)
        if (!(masked && masked[i]) && !(scores[i] <= largest)) largest = scores[i];
    for (size_t i = 0; i < count; i++) {
        out[i] = masked && masked[i] ? 0.0f : expf(scores[i] - largest);
        sum += out[i];
    }
    for (size_t i = 0; i < count; i++)
        if (out[i] != 0.0f) out[i] /= sum;
}

void warrant_softmax_backward(float *d_scores, const float *d_out, const float *out,
                              size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += d_out[i] * out[i];
    for (size_t i = 0; i < count; i++) d_scores[i] = out[i] * (d_out[i] - sum);
}

WARRANT_BODY warrant_scale_body(float *x, float factor, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] *= factor;
}

WARRANT_BODY warrant_add_scaled_body(float *y, const float *x, float factor, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += x[i] * factor;
}

WARRANT_BODY warrant_add_products_body(float *y, const float *a, const float *b, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += a[i] * b[i];
}

WARRANT_BODY warrant_dot_into_body(float *result, const float *a, const float *b, size_t count) {
    float sum = 0;
    {
#pragma clang fp reassociate(on)
        for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    }
    *result = sum;
}

void warrant_column_maxima(float *maxima, int32_t *places, const float *x, size_t rows,
                           size_t columns) {
    for (size_t c = 0; c < columns; c++) {
        maxima[c] = x[c];
        places[c] = 0;
    }
    for (size_t row = 1; row < rows; row++)
        for (size_t c = 0; c < columns; c++) {
            const float value = x[row * columns + c];
            // Not a number wins, as in PyTorch.
            if (value > maxima[c] || (value != value && maxima[c] == maxima[c])) {
                maxima[c] = value;
                places[c] = (int32_t)row;
            }
        }
}

void warrant_unfold(float *out, const float *x, size_t rows, size_t columns, size_t width) {
    const size_t side = width / 2;
    for (size_t row = 0; row < rows; row++)
        for (size_t k = 0; k < width; k++) {
            float *to = out + row * columns * width + k;
            const size_t place = row + k;
            if (place < side || place - side >= rows) {
                for (size_t c = 0; c < columns; c++) to[c * width] = 0;
            } else {
                const float *from = x + (place - side) * columns;
                for (size_t c = 0; c < columns; c++) to[c * width] = from[c];
            }
        }
}

void warrant_windows(float *out, const float *x, const int32_t *sources, size_t rows,
                     size_t columns, size_t width) {
    for (size_t row = 0; row < rows; row++)
        for (size_t k = 0; k < width; k++) {
            float *to = out + row * columns * width + k;
            const int32_t source = sources[row * width + k];
            const float *from = x + (size_t)(source < 0 ? 0 : source) * columns;
            for (size_t c = 0; c < columns; c++) to[c * width] = source < 0 ? 0 : from[c];
        }
}

void warrant_fold(float *d_x, const float *d_out, size_t rows, size_t columns, size_t width) {
    const size_t side = width / 2;
    for (size_t row = 0; row < rows; row++)
        for (size_t k = 0; k < width; k++) {
            const size_t place = row + k;
            if (place < side || place - side >= rows) continue;
            const float *from = d_out + row * columns * width + k;
            float *to = d_x + (place - side) * columns;
            for (size_t c = 0; c < columns; c++) to[c] += from[c * width];
        }
}

WARRANT_KERNEL(warrant_scale, (float *x, float factor, size_t count), (x, factor, count))
WARRANT_KERNEL(warrant_add_scaled, (float *y, const float *x, float factor, size_t count),
               (y, x, factor, count))
WARRANT_KERNEL(warrant_add_products, (float *y, const float *a, const float *b, size_t count),
               (y, a, b, count))
void warrant_dot_into(float *result, const float *a, const float *b, size_t count);
WARRANT_KERNEL(warrant_dot_into, (float *result, const float *a, const float *b, size_t count),
               (result, a, b, count))

float warrant_dot(const float *a, const float *b, size_t count) {
    float result;
    warrant_dot_into(&result, a, b, count);
    return result;
}
