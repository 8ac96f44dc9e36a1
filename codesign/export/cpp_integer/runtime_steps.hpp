// ---- the same of one event and of a block ----

// Divided by 2^shift to the nearest, ties to even.
template <int Shift, class T>
CODESIGN_INLINE T half_even(T a) noexcept {
  const T odd = bits_and(right(a, Shift), 1);
  return right(plus(plus(a, odd), (std::int64_t(1) << (Shift - 1)) - 1), Shift);
}

// The lowest bits, of a number with a sign or without.
template <int Width, bool Signed, class T>
CODESIGN_INLINE T wrapped(T a) noexcept {
  constexpr int bits = bits_of<T>;
  if constexpr (Width >= bits) return a;
  else if constexpr (Width == 0) return bits_and(a, 0);
  else if constexpr (Signed) return right(left(a, bits - Width), bits - Width);
  else return bits_and(a, (std::int64_t(1) << Width) - 1);
}

// Units that take In integers each, one behind the other.
template <class M, int L, int In, int Units, class X, class W, class B, class Add, class Finish>
CODESIGN_INLINE void matrix(const X* x, const W* weight, const B* bias, Add add, Finish finish) noexcept {
  constexpr int tile = 4;
  const auto some = [&](int first, auto count) {
    decltype(same<M, L>(0)) sum[count];
    for (int u = 0; u < count; ++u) sum[u] = same<M, L>(bias[first + u]);
    for (int i = 0; i < In; ++i) {
      const auto value = get<M, L>(x + i * M::events);
      for (int u = 0; u < count; ++u) sum[u] = add(sum[u], value, weight[(first + u) * In + i]);
    }
    for (int u = 0; u < count; ++u) finish(first + u, sum[u]);
  };
  for (int u = 0; u + tile <= Units; u += tile) some(u, std::integral_constant<int, tile>{});
  if constexpr (Units % tile > 0) some(Units / tile * tile, std::integral_constant<int, Units % tile>{});
}
