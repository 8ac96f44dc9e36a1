
#if CODESIGN_VECTOR_BYTES > 0
inline void block(const input_t* events, output_t* results) noexcept {
  using M = Block;
  Space<M> w;
  to_columns<n_inputs>(events, w.@SOURCE@);
  run<M>(w);
  to_rows<n_outputs>(w.@RESULT@, results);
}

inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept {
  constexpr std::size_t step = Block::events, few = 4;
  std::size_t done = 0;
  for (; done + step <= n; done += step) block(events + done * n_inputs, results + done * n_outputs);
  if (n - done <= few) return one_by_one(events + done * n_inputs, results + done * n_outputs, n - done);
  if (n > step) return block(events + (n - step) * n_inputs, results + (n - step) * n_outputs);  // some events again
  input_t last[step * n_inputs] = {};
  output_t own[step * n_outputs];
  std::memcpy(last, events, n * n_inputs * sizeof(input_t));
  block(last, own);
  std::memcpy(results, own, n * n_outputs * sizeof(output_t));
}
#else
inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept { one_by_one(events, results, n); }
#endif
