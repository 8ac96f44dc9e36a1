// ---- straight-line code: S values at a time, so that a weight is loaded once for S vectors of events ----

// As many as there are registers for; two where the code would not stay in the instruction cache.
template <int M>
inline constexpr int grouped = M % 4 == 0 && live_weights <= 800 ? 4 : M % 2 == 0 ? 2 : 1;

template <class T, int S>
struct Group {
  T v[S];
};

template <class T, int S>
CODESIGN_INLINE Group<T, S> operator*(const Group<T, S>& a, float weight) noexcept {
  Group<T, S> product;
  for (int s = 0; s < S; ++s) product.v[s] = a.v[s] * weight;
  return product;
}

template <class T, int S>
CODESIGN_INLINE Group<T, S> operator+(const Group<T, S>& a, const Group<T, S>& b) noexcept {
  Group<T, S> sum;
  for (int s = 0; s < S; ++s) sum.v[s] = a.v[s] + b.v[s];
  return sum;
}

template <class T, int S>
CODESIGN_INLINE Group<T, S> operator-(const Group<T, S>& a, const Group<T, S>& b) noexcept {
  Group<T, S> difference;
  for (int s = 0; s < S; ++s) difference.v[s] = a.v[s] - b.v[s];
  return difference;
}

template <class Act, class T, int S>
CODESIGN_INLINE Group<T, S> activate(const Group<T, S>& a) noexcept {
  Group<T, S> result;
  for (int s = 0; s < S; ++s) result.v[s] = Act::apply(a.v[s]);
  return result;
}

// Where straight-line code reads and writes: value i of vector s is at [i * M + s].
template <class T, int S, int M>
struct Source {
  const T* at;
  // Values are read again after this: kept, they would be spilt to the stack, and a store costs more than a load.
  CODESIGN_INLINE void forget() noexcept {
#if CODESIGN_VECTORS
    if constexpr (sizeof(T) > sizeof(float)) __asm__("" : "+r"(at));
#endif
  }
  CODESIGN_INLINE Group<T, S> operator()(int i) const noexcept {
    Group<T, S> value;
    for (int s = 0; s < S; ++s) value.v[s] = at[i * M + s];
    return value;
  }
  static CODESIGN_INLINE Group<T, S> same(float number) noexcept {
    Group<T, S> value;
    for (int s = 0; s < S; ++s) value.v[s] = number - T{};
    return value;
  }
};

template <class T, int S, int M>
struct Target {
  T* at;
  CODESIGN_INLINE void set(int i, const Group<T, S>& value) const noexcept {
    for (int s = 0; s < S; ++s) at[i * M + s] = value.v[s];
  }
};
