// Functions that vectorise: no branches, no table look-ups, no library calls.
#ifndef WARRANT_NUMERICS_H
#define WARRANT_NUMERICS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WARRANT_INLINE static inline __attribute__((always_inline))

/// e^x for x ≤ 88, about 1e-38 below -87; relative error under 2e-7. The exponent's whole part goes
/// into the float's bits; the rest, in ±ln 2 / 2, through its Taylor polynomial of degree 6.
WARRANT_INLINE float warrant_exp(float x) {
    x = x < -87.0f ? -87.0f : x;
    const float rounding = 12582912.0f;  // 1.5 · 2^23: adding it rounds to a whole number
    float shifted = x * 1.44269504f + rounding;
    float whole = shifted - rounding;
    // ln 2 in two parts, so that the product with a whole number is exact.
    float rest = x - whole * 0.693359375f;
    rest = rest + whole * 2.12194440e-4f;
    float p = 1.0f / 720.0f;
    p = p * rest + 1.0f / 120.0f;
    p = p * rest + 1.0f / 24.0f;
    p = p * rest + 1.0f / 6.0f;
    p = p * rest + 0.5f;
    p = p * rest + 1.0f;
    p = p * rest + 1.0f;
    // The whole number stands in the last bits of `shifted`; the rest of it is shifted out.
    uint32_t exponent, bits;
    memcpy(&exponent, &shifted, sizeof exponent);
    memcpy(&bits, &p, sizeof bits);
    bits += exponent << 23;
    memcpy(&p, &bits, sizeof p);
    return p;
}

/// √x, NaN below 0: unlike `sqrtf` it sets no error number, which would keep a loop from vectorising.
WARRANT_INLINE float warrant_sqrt(float x) { return __builtin_elementwise_sqrt(x); }

/// tanh(x): near 0 by the polynomial of Cephes' tanhf, relative error under 3e-7.
WARRANT_INLINE float warrant_tanh(float x) {
    const float size = x < 0 ? -x : x;
    const float bounded = size > 43.0f ? 43.0f : size;
    const float far = 1.0f - 2.0f / (1.0f + warrant_exp(2.0f * bounded));
    const float z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    const float near = x + x * z * p;
    return size < 0.625f ? near : x < 0 ? -far : far;
}

/// ln x for normal x > 0, by the polynomial of Cephes' logf; relative error under 2e-7. The exponent is
/// cut off so that the rest lies in √½...√2.
WARRANT_INLINE float warrant_log(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    // √½ has the bits 3F3504F3.
    const int32_t exponent = (int32_t)(bits - 0x3F3504F3u) >> 23;
    bits -= (uint32_t)exponent << 23;
    float rest;
    memcpy(&rest, &bits, sizeof rest);
    rest -= 1.0f;
    const float z = rest * rest, whole = (float)exponent;
    float p = 7.0376836292e-2f;
    p = p * rest - 1.1514610310e-1f;
    p = p * rest + 1.1676998740e-1f;
    p = p * rest - 1.2420140846e-1f;
    p = p * rest + 1.4249322787e-1f;
    p = p * rest - 1.6668057665e-1f;
    p = p * rest + 2.0000714765e-1f;
    p = p * rest - 2.4999993993e-1f;
    p = p * rest + 3.3333331174e-1f;
    p = p * rest * z;
    // ln 2 in two parts, as in `warrant_exp`.
    p = p - whole * 2.12194440e-4f - 0.5f * z;
    return rest + p + whole * 0.693359375f;
}

/// erf(x) and e^(-x²), absolute error under 6e-7 in float32 (Abramowitz & Stegun 7.1.26).
WARRANT_INLINE float warrant_erf(float x, float *gaussian) {
    float size = x < 0 ? -x : x;
    float t = 1.0f / (1.0f + 0.3275911f * size);
    float e = warrant_exp(-x * x);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float value = 1.0f - p * t * e;
    *gaussian = e;
    return x < 0 ? -value : value;
}

/// `x` as bfloat16, rounded to the nearest, ties to even; a NaN stays one.
WARRANT_INLINE uint16_t warrant_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    uint32_t quiet = (bits >> 16) | 0x40u;
    return (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? quiet : rounded);
}

/// sum[0..<size] = the parts' elements from `start` on, added up in their order.
WARRANT_INLINE void warrant_sum_block(float *sum, const float *const *parts, size_t part_count,
                                      size_t start, size_t size) {
    for (size_t i = 0; i < size; i++) sum[i] = parts[0][start + i];
    for (size_t part = 1; part < part_count; part++)
        for (size_t i = 0; i < size; i++) sum[i] += parts[part][start + i];
}

/// A 32-bit hash of a column under a row's key: two rounds of multiply and shift.
WARRANT_INLINE uint32_t warrant_hash(uint32_t key, uint32_t column) {
    uint32_t x = key + column * 0x9E3779B1u;
    x ^= x >> 16;
    x *= 0x7FEB352Du;
    x ^= x >> 15;
    x *= 0x846CA68Bu;
    x ^= x >> 16;
    return x;
}

/// The 32-bit key of a row at one dropout site (the splitmix64 finaliser).
WARRANT_INLINE uint32_t warrant_site_key(uint64_t row_key, uint32_t site) {
    uint64_t z = row_key + (uint64_t)(site + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

/// Hashes below it are dropped.
WARRANT_INLINE uint32_t warrant_drop_limit(float probability) {
    return (uint32_t)((double)probability * 4294967296.0);
}

#endif
