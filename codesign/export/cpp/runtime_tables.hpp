// ---- tables of bits, which are 0 and 1; NaN is no bit that is set ----

template <int N, int M, class From, class T>
inline void threshold_values(const T* x, T* y, const float* threshold) noexcept {
  const T one = T{} + 1.0f, zero = T{};
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) y[i * M + m] = x[From::at(i) * M + m] >= T{} + threshold[i] ? one : zero;
}

// Whether floor(x / weight) is odd.
template <int N, int M, class From, class T>
inline void bit_values(const T* x, T* y, const float* inverse) noexcept {
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) {
      const T code = floor_of<false>(x[From::at(i) * M + m] * inverse[i]);
      const T half = floor_of<false>(code * 0.5f);
      y[i * M + m] = code - (half + half);
    }
}

template <int Tables, int M, class Keys, class FirstKeys, class FirstEntries, class T>
inline void look_up_values(const T* x, T* y, const float* entries) noexcept {
  constexpr int lanes = int(sizeof(T) / sizeof(float));
  for (int t = 0; t < Tables; ++t)
    for (int m = 0; m < M; ++m) {
      T place = T{};
      float power = 1.0f, places[lanes], value[lanes];
      for (int k = FirstKeys::at(t); k < FirstKeys::at(t + 1); ++k, power += power)
        place += x[Keys::at(k) * M + m] > T{} ? T{} + power : T{};
      store(places, place);
      for (int lane = 0; lane < lanes; ++lane) value[lane] = entries[FirstEntries::at(t) + int(places[lane])];
      y[t * M + m] = load<T>(value);
    }
}

template <int Terms, int N, int M, class To, class T>
inline void add_up_values(const T* x, T* y, const float* offset) noexcept {
  for (int i = 0; i < N; ++i)
    for (int m = 0; m < M; ++m) y[i * M + m] = T{} + offset[i];
  for (int i = 0; i < Terms; ++i)
    for (int m = 0; m < M; ++m) y[To::at(i) * M + m] += x[i * M + m];
}
