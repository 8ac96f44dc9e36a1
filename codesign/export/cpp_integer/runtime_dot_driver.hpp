#if CODESIGN_VECTOR_BYTES > 0
inline void one(const input_t* event, output_t* result) noexcept { rows<1>(event, result); }

inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept {
  constexpr std::size_t large = 48, small = 6;
  std::size_t done = 0;
  for (; done + large <= n; done += large) rows<large>(events + done * n_inputs, results + done * n_outputs);
  if (n > large && done < n && n - done > 2 * small)  // some events again
    return rows<large>(events + (n - large) * n_inputs, results + (n - large) * n_outputs);
  for (; done + small <= n; done += small) rows<small>(events + done * n_inputs, results + done * n_outputs);
  for (; done < n; ++done) rows<1>(events + done * n_inputs, results + done * n_outputs);
}
#else
inline void one(const input_t* event, output_t* result) noexcept {
  using M = Event;
  Space<M> w;
  for (int i = 0; i < n_inputs; ++i) (w.@SOURCE@)[i] = event[i];
  run<M>(w);
  for (int i = 0; i < n_outputs; ++i) result[i] = output_t((w.@RESULT@)[i]);
}

inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept {
  for (std::size_t e = 0; e < n; ++e) one(events + e * n_inputs, results + e * n_outputs);
}
#endif
