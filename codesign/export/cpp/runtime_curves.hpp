// ---- exponential, sine, cosine, roots: in vectors, to 2e-7 of the larger of 1 and the result ----

CODESIGN_INLINE float square_root(float x) noexcept { return std::sqrt(x); }
#if CODESIGN_VECTORS && defined(__AVX512F__)
CODESIGN_INLINE Wide square_root(Wide x) noexcept { return _mm512_maskz_sqrt_ps(0xffff, x); }
#elif CODESIGN_VECTORS && defined(__AVX__)
CODESIGN_INLINE Wide square_root(Wide x) noexcept { return _mm256_sqrt_ps(x); }
#elif CODESIGN_VECTORS && defined(__SSE__)
CODESIGN_INLINE Wide square_root(Wide x) noexcept { return _mm_sqrt_ps(x); }
#elif CODESIGN_VECTORS
CODESIGN_INLINE Wide square_root(Wide x) noexcept {
  return lane_by_lane(x, [](float v) noexcept { return std::sqrt(v); });
}
#endif

template <class F>
CODESIGN_INLINE F magnitude(F x) noexcept {
  typedef typename Lanes<int(sizeof(F) / 4)>::bits Bits;
  Bits bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits = bits & 0x7fffffffu;
  std::memcpy(&x, &bits, sizeof bits);
  return x;
}

template <class F>
CODESIGN_INLINE bool all_within(F x, float limit) noexcept {
  constexpr int lanes = int(sizeof(F) / sizeof(float));
  const F outside = magnitude(x) <= F{} + limit ? F{} : F{} + 1.0f;
  std::uint32_t bits[lanes], any = 0;
  std::memcpy(bits, &outside, sizeof outside);
  for (int lane = 0; lane < lanes; ++lane) any |= bits[lane];
  return any == 0;
}

// e^x = 2^n e^r: n is x / log 2 rounded, r what is left, of log 2 in two parts; the polynomial is Cephes's. 2^n is made as
// 2 * 2^(n - 1), so that the largest results are no inf; below 1e-37 it is 0.
template <class F>
CODESIGN_INLINE F exponential_of(F x) noexcept {
  typedef typename Lanes<int(sizeof(F) / 4)>::bits Bits;
  const F magic = F{} + 12583038.0f;  // 1.5 * 2^23 + 126
  const F inside = at_most(F{} + 88.8f, at_least(F{} - 87.3f, x));
  const F shifted = inside * 1.44269504f + magic;
  const F n = shifted - magic;
  const F r = (inside - n * 0.693359375f) + n * 2.12194440e-4f;
  F power = r * 1.98756915e-4f + 1.39819995e-3f;
  power = power * r + 8.33345191e-3f;
  power = power * r + 4.16657959e-2f;
  power = power * r + 0.166666655f;
  power = power * r + 0.500000012f;
  power = power * (r * r) + r + 1.0f;
  Bits bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = bits << 23;
  F scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return power * scale * 2.0f;
}

// The sine of x and a number of quarter turns: r is what is left behind whole ones, of pi / 2 in three parts, which are enough
// up to 8192; the polynomials are Cephes's.
template <class F>
CODESIGN_INLINE F sine_of(F x, std::uint32_t quarters) noexcept {
  typedef typename Lanes<int(sizeof(F) / 4)>::bits Bits;
  if (!all_within(x, 8192.0f))
    return lane_by_lane(x, [quarters](float v) noexcept { return quarters ? std::cos(v) : std::sin(v); });
  const F magic = F{} + 12582912.0f;  // 1.5 * 2^23
  const F shifted = x * 0.636619772f + magic;
  const F n = shifted - magic;
  const F r = ((x - n * 1.5703125f) - n * 4.83751297e-4f) - n * 7.54978995e-8f;
  const F square = r * r;
  const F sine = ((square * -1.95152959e-4f + 8.33216087e-3f) * square - 0.166666546f) * square * r + r;
  const F cosine = ((square * 2.44331571e-5f - 1.38873163e-3f) * square + 4.16666457e-2f) * square * square - square * 0.5f + 1.0f;
  Bits turns, bits;
  std::memcpy(&turns, &shifted, sizeof turns);
  turns = turns + quarters;
  F found = (turns & 1u) != 0u ? cosine : sine;
  std::memcpy(&bits, &found, sizeof bits);
  bits = bits ^ ((turns & 2u) << 30);
  std::memcpy(&found, &bits, sizeof bits);
  return found;
}
