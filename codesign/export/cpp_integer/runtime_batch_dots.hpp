
#if CODESIGN_VECTOR_BYTES > 0
inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept {
  constexpr std::size_t large = 48, small = 6;
  std::size_t done = 0;
  for (; done + large <= n; done += large) rows<large>(events + done * n_inputs, results + done * n_outputs);
  if (n > large && n - done > 2 * small)  // some events again
    return rows<large>(events + (n - large) * n_inputs, results + (n - large) * n_outputs);
  for (; done + small <= n; done += small) rows<small>(events + done * n_inputs, results + done * n_outputs);
  one_by_one(events + done * n_inputs, results + done * n_outputs, n - done);
}
#else
inline void batch(const input_t* events, output_t* results, std::size_t n) noexcept { one_by_one(events, results, n); }
#endif
