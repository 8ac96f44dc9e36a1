// ---- quantizers: rounding and saturation that the network was trained with ----

enum class Mode { floor, half_up, half_even };

// To the nearest whole number, half to even; what is beyond 2^23 is whole already.
template <class F>
CODESIGN_INLINE F nearest(F x) noexcept {
  const F shift = x < 0.0f ? F{} - 8388608.0f : F{} + 8388608.0f;
  const F whole = (x + shift) - shift;
  return (x < 0.0f ? -x : x) < 8388608.0f ? whole : x;
}

// The same within 2^22, by the addition of 1.5 * 2^23.
template <class F>
CODESIGN_INLINE F nearest_small(F x) noexcept {
  const F magic = F{} + 12582912.0f;
  return (x + magic) - magic;
}

template <bool Small, class F>
CODESIGN_INLINE F floor_of(F x) noexcept {
  const F whole = Small ? nearest_small(x) : nearest(x);
  return whole > x ? whole - 1.0f : whole;
}

template <Mode mode, bool Small, class F>
CODESIGN_INLINE F round_to_code(F x) noexcept {
  if constexpr (mode == Mode::half_even) return Small ? nearest_small(x) : nearest(x);
  if constexpr (mode == Mode::half_up) return floor_of<Small>(x + 0.5f);
  return floor_of<Small>(x);
}

// step * overflow(round(x * scale)) of value u; codes that saturate are clipped first, which leaves few to round.
template <class Q, class F>
CODESIGN_INLINE F quantise(F x, int u) noexcept {
  F codes = x * Q::scale(u);
  if constexpr (Q::wraps) {
    codes = round_to_code<Q::mode, false>(codes);
    const float span = Q::high(u) - Q::low(u) + 1.0f;
    const F rest = codes - floor_of<false>(codes / span) * span;
    codes = rest > Q::high(u) ? rest - span : rest;
  } else {
    codes = at_most(F{} + Q::high(u), at_least(F{} + Q::low(u), codes));
    codes = round_to_code<Q::mode, Q::small>(codes);
  }
  return codes * Q::step(u);
}

// An activation and a quantizer that is the same for all units.
template <class Act, class Q>
struct Quantised {
  template <class F>
  static CODESIGN_INLINE F apply(F x) noexcept {
    return quantise<Q>(Act::apply(x), 0);
  }
};

template <int N, int M, class Q>
inline void quantise_batch(Wide* x) noexcept {
  for (int u = 0; u < N; ++u)
    for (int m = 0; m < M; ++m) x[u * M + m] = quantise<Q>(x[u * M + m], u);
}

template <int N, class Q>
inline void quantise_event(const float* x, float* y) noexcept {
  for (int u = 0; u < N; ++u) y[u] = quantise<Q>(x[u], u);
}

// The same for an event, or a block of them.
template <int N, int M, class Q, class T>
inline void quantise_values(const T* x, T* y) noexcept {
  for (int u = 0; u < N; ++u)
    for (int m = 0; m < M; ++m) y[u * M + m] = quantise<Q>(x[u * M + m], u);
}
