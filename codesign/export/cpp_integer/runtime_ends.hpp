// ---- physical values ----

// What a variable of the port's type holds after an assignment. Values beyond 2^62 steps, and NaN, are none that Network.emulate takes.
CODESIGN_INLINE std::int64_t encoded(double value, const Port& port, double scale) noexcept {
  constexpr double most = 4611686018427387904.0;
  const double scaled = scale > 0 ? value * scale : std::ldexp(value, port.fraction), floor = std::floor(scaled);
  double rounded = floor;
  if (port.rounding == Rounding::half_up) rounded = floor + (scaled - floor >= 0.5);
  if (port.rounding == Rounding::half_even) rounded = std::nearbyint(scaled);
  const std::int64_t code = !(rounded > -most) ? std::int64_t(-most) : rounded > most ? std::int64_t(most) : std::int64_t(rounded);
  if (port.width == 0) return 0;
  const int shift = 64 - port.width;
  if (port.overflow == Overflow::wrap)
    return port.is_signed ? std::int64_t(std::uint64_t(code) << shift) >> shift : std::int64_t(std::uint64_t(code) << shift >> shift);
  const std::int64_t high = (std::int64_t(1) << (port.width - port.is_signed)) - 1;
  const std::int64_t low = !port.is_signed ? 0 : -high - !(port.overflow == Overflow::saturate_symmetric && port.width > 1);
  return code < low ? low : code > high ? high : code;
}

// 2^fraction of every input, 0 where it may be no number, and whether all have one type: then the compiler knows it.
struct Scales {
  double of[n_inputs];
  bool are_same;

  constexpr Scales() noexcept : of(), are_same(true) {
    for (int i = 0; i < n_inputs; ++i) {
      of[i] = -1000 < inputs[i].fraction && inputs[i].fraction < 1000;
      for (int f = inputs[i].fraction; f > 0; --f) of[i] *= 2;
      for (int f = inputs[i].fraction; f < 0; ++f) of[i] /= 2;
      const Port &one = inputs[i], &first = inputs[0];
      are_same = are_same && one.width == first.width && one.fraction == first.fraction && one.is_signed == first.is_signed &&
                 one.rounding == first.rounding && one.overflow == first.overflow;
    }
  }
};
inline constexpr Scales scales{};

template <class Value>
CODESIGN_INLINE void encode_all(const Value* values, input_t* event) noexcept {
  if constexpr (scales.are_same) {
    constexpr Port port = inputs[0];
    for (int i = 0; i < n_inputs; ++i) event[i] = input_t(encoded(double(values[i]), port, scales.of[0]));
  } else {
    for (int i = 0; i < n_inputs; ++i) event[i] = input_t(encoded(double(values[i]), inputs[i], scales.of[i]));
  }
}
