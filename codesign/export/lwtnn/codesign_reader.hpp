// A chain of dense layers in the JSON format of lwtnn, loaded at run time. One header, C++17, no dependencies. Layers of
// architecture fixed_point, which lwtnn does not know, round and saturate as the network did in its training.
//
//   const codesign::JsonNetwork net = codesign::JsonNetwork::from_file("net.json");
//   net.predict(event, outputs);             // net.n_inputs() floats in, net.n_outputs() floats out
//   net.predict(events, n_events, outputs);  // the same for many events, one after the other; the same bits
//
// An event is given as it is: the standardisation in the file, (x + offset) * scale, is applied here.
// predict is const, noexcept, takes no memory from the heap and may be called by many threads at once. It needs about 130 kB
// of stack. NaN and infinity follow IEEE 754: NaN in an input makes NaN of every output that depends on it, and what saturates
// makes the end of its range of an infinity. Rounding half to even takes the processor's default rounding mode.
// Loading throws std::runtime_error, one line that names the layer (from 0), for anything but a complete, valid file.
// Compile with -O3 -march=native.
#ifndef CODESIGN_READER_HPP
#define CODESIGN_READER_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#if defined(__clang__)
#define CODESIGN_UNROLL _Pragma("unroll")
#elif defined(__GNUC__)
#define CODESIGN_UNROLL _Pragma("GCC unroll 16")
#else
#define CODESIGN_UNROLL
#endif

namespace codesign {
namespace reader_detail {

// What fits one register; a plain float where the compiler has no vectors of its own.
#if defined(__GNUC__) && defined(__AVX512F__)
typedef float Vector __attribute__((vector_size(64)));
#elif defined(__GNUC__) && defined(__AVX__)
typedef float Vector __attribute__((vector_size(32)));
#elif defined(__GNUC__)
typedef float Vector __attribute__((vector_size(16)));
#else
typedef float Vector;
#endif

constexpr std::size_t kLanes = sizeof(Vector) / sizeof(float);
constexpr std::size_t kUnits = 16;                                // rows of weights are padded to a multiple
constexpr std::size_t kTogether = kLanes < 4 ? 1 : kLanes / 2;    // events side by side in a batch: 8 registers of sums
constexpr std::size_t kSmall = 1024;                              // floats of scratch for one event of a small network
constexpr std::size_t kWidest = 16384;                            // most values of a layer: two such rows lie on the stack
constexpr int kDeepest = 32;                                      // nesting of the JSON
constexpr long kNoLayer = -1;
constexpr int kMostBits = 62, kMostWrappingBits = 24, kFarthestPoint = 100, kMostIntegerBits = 512;  // of quantizers

[[noreturn]] inline void fail(long layer, const std::string& what) {
  throw std::runtime_error("codesign: " + (layer == kNoLayer ? "" : "layer " + std::to_string(layer) + ": ") + what);
}

enum class Kind { null, boolean, number, string, array, object };

struct Value {
  Kind kind = Kind::null;
  double number = 0;
  bool truth = false;
  std::string text;
  std::vector<std::string> keys;  // of an object, in the order of items
  std::vector<Value> items;
};

inline bool has(const Value& object, const std::string& key) {
  return std::find(object.keys.begin(), object.keys.end(), key) != object.keys.end();
}

// JSON as RFC 8259 has it: no NaN, no Infinity, UTF-8, no key twice in an object.
class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) { stream_.imbue(std::locale::classic()); }

  Value parse() {
    Value root = value(0);
    space();
    if (at_ != text_.size()) stop("expected the end");
    return root;
  }

 private:
  const std::string& text_;
  std::size_t at_ = 0;
  long layer_ = kNoLayer;
  std::string top_key_;
  std::istringstream stream_;

  [[noreturn]] void stop(const std::string& what) const {
    const std::string place = at_ < text_.size() ? " at byte " + std::to_string(at_) : " at the end: the file is truncated";
    fail(layer_, what + place);
  }

  int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }

  bool take(char expected) {
    if (peek() != expected) return false;
    ++at_;
    return true;
  }

  void space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  Value value(int depth) {
    if (depth > kDeepest) stop("expected at most " + std::to_string(kDeepest) + " levels");
    space();
    Value result;
    if (take('{')) {
      object(result, depth);
    } else if (take('[')) {
      array(result, depth);
    } else if (take('"')) {
      result.kind = Kind::string;
      result.text = string();
    } else if (peek() == '-' || (peek() >= '0' && peek() <= '9')) {
      result.kind = Kind::number;
      result.number = number();
    } else {
      result.truth = peek() == 't';
      result.kind = word();
    }
    return result;
  }

  Kind word() {
    const std::pair<const char*, Kind> words[] = {{"true", Kind::boolean}, {"false", Kind::boolean}, {"null", Kind::null}};
    for (const auto& [word, kind] : words) {
      const std::size_t length = std::char_traits<char>::length(word);
      if (text_.compare(at_, length, word) == 0) {
        at_ += length;
        return kind;
      }
    }
    stop("expected a JSON value (NaN and Infinity are none)");
  }

  void object(Value& result, int depth) {
    result.kind = Kind::object;
    space();
    if (take('}')) return;
    do {
      space();
      if (!take('"')) stop("expected a key");
      std::string key = string();
      if (has(result, key)) stop("expected the key '" + key + "' once");
      space();
      if (!take(':')) stop("expected ':'");
      if (depth == 0) top_key_ = key;
      result.keys.push_back(std::move(key));
      result.items.push_back(value(depth + 1));
      space();
    } while (take(','));
    if (!take('}')) stop("expected ',' or '}'");
  }

  void array(Value& result, int depth) {
    const bool layers = depth == 1 && top_key_ == "layers";
    result.kind = Kind::array;
    space();
    if (take(']')) return;
    do {
      if (layers) layer_ = static_cast<long>(result.items.size());
      result.items.push_back(value(depth + 1));
      space();
    } while (take(','));
    if (!take(']')) stop("expected ',' or ']'");
    if (layers) layer_ = kNoLayer;
  }

  bool digits() {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > start;
  }

  double number() {
    const std::size_t start = at_;
    take('-');
    if (!take('0') && !digits()) stop("expected a digit");
    if (take('.') && !digits()) stop("expected a digit");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) stop("expected a digit");
    }
    double result = 0;
    stream_.clear();
    stream_.str(text_.substr(start, at_ - start));
    if (!(stream_ >> result)) stop("expected a number within double precision");
    return result;
  }

  std::string string() {
    std::string result;
    while (!take('"')) {
      const int byte = peek();
      if (byte < 0x20) stop("expected the end of a string");
      ++at_;
      if (byte == '\\') {
        escape(result);
      } else {
        result += static_cast<char>(byte);
        if (byte >= 0x80) continuation(byte, result);
      }
    }
    return result;
  }

  // The bytes that may follow the first of a character, by RFC 3629.
  void continuation(int lead, std::string& result) {
    int more = lead < 0xC2 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : 0;
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (more == 0) stop("expected UTF-8");
    for (; more > 0; --more, low = 0x80, high = 0xBF) {
      if (peek() < low || peek() > high) stop("expected UTF-8");
      result += text_[at_++];
    }
  }

  void escape(std::string& result) {
    static const std::string names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (take('u')) {
      unsigned long code = hexadecimal();
      if (code >= 0xD800 && code < 0xDC00 && take('\\') && take('u')) {
        const unsigned long low = hexadecimal();
        code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xD800;
      }
      if (code >= 0xD800 && code < 0xE000) stop("expected a whole surrogate pair");
      encode(code, result);
      return;
    }
    const std::size_t index = peek() < 0 ? std::string::npos : names.find(static_cast<char>(peek()));
    if (index == std::string::npos) stop("expected an escape sequence");
    ++at_;
    result += meanings[index];
  }

  unsigned long hexadecimal() {
    unsigned long code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const int byte = peek();
      const bool digit = byte >= '0' && byte <= '9', lower = byte >= 'a' && byte <= 'f', upper = byte >= 'A' && byte <= 'F';
      if (!digit && !lower && !upper) stop("expected four hexadecimal digits");
      code = code * 16 + static_cast<unsigned long>(byte - (digit ? '0' : lower ? 'a' - 10 : 'A' - 10));
    }
    return code;
  }

  static void encode(unsigned long code, std::string& result) {
    const auto put = [&result](unsigned long byte) { result += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | (code >> 6)), put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      put(0xE0 | (code >> 12)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
    } else {
      put(0xF0 | (code >> 18)), put(0x80 | ((code >> 12) & 0x3F)), put(0x80 | ((code >> 6) & 0x3F)), put(0x80 | (code & 0x3F));
    }
  }
};

inline const Value& member(const Value& object, const std::string& key, Kind kind, const char* kind_name, long layer) {
  if (object.kind != Kind::object) fail(layer, "expected an object with the key '" + key + "'");
  const auto found = std::find(object.keys.begin(), object.keys.end(), key);
  if (found == object.keys.end()) fail(layer, "expected the key '" + key + "'");
  const Value& result = object.items[static_cast<std::size_t>(found - object.keys.begin())];
  if (result.kind != kind) fail(layer, "expected " + std::string(kind_name) + " for '" + key + "'");
  return result;
}

inline const std::string& text_of(const Value& object, const std::string& key, long layer) {
  return member(object, key, Kind::string, "a string", layer).text;
}

inline const std::vector<Value>& array_of(const Value& object, const std::string& key, long layer) {
  return member(object, key, Kind::array, "an array", layer).items;
}

inline float to_float(const Value& value, const std::string& key, long layer) {
  if (value.kind != Kind::number) fail(layer, "expected numbers for '" + key + "'");
  if (!(std::fabs(value.number) <= static_cast<double>(std::numeric_limits<float>::max()))) {
    fail(layer, "expected finite float32 numbers for '" + key + "'");
  }
  return static_cast<float>(value.number);
}

inline void check_names(const std::vector<std::string>& names, const char* what) {
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  const bool repeated = std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  if (repeated) fail(kNoLayer, std::string("expected different names of ") + what);
}

inline void check_identifier(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto allowed = [letter](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  if (name.empty() || !letter(name[0]) || !std::all_of(name.begin(), name.end(), allowed)) {
    fail(kNoLayer, "expected letters, digits and _ in 'name', a letter first");
  }
}

}  // namespace reader_detail

class JsonNetwork {
 public:
  static JsonNetwork from_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("codesign: expected a readable file. Received: " + path);
    return from_text(std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
  }

  static JsonNetwork from_text(const std::string& text) { return JsonNetwork(reader_detail::Parser(text).parse()); }

  std::size_t n_inputs() const noexcept { return offset_.size(); }
  std::size_t n_outputs() const noexcept { return layers_.back().n_out; }
  const std::vector<std::string>& input_names() const noexcept { return input_names_; }
  const std::vector<std::string>& output_names() const noexcept { return output_names_; }

  // One event: n_inputs() floats to n_outputs() floats.
  void predict(const float* event, float* outputs) const noexcept {
    if (stride_ <= reader_detail::kSmall) {
      evaluate<1, reader_detail::kSmall>(event, outputs);
    } else {
      evaluate<1, reader_detail::kWidest>(event, outputs);
    }
  }

  // n_events * n_inputs() floats to n_events * n_outputs() floats, event by event.
  void predict(const float* events, std::size_t n_events, float* outputs) const noexcept {
    constexpr std::size_t together = reader_detail::kTogether;
    std::size_t done = 0;
    if (stride_ * together <= reader_detail::kWidest) {
      for (; done + together <= n_events; done += together) {
        evaluate<together, reader_detail::kWidest>(events + done * n_inputs(), outputs + done * n_outputs());
      }
    }
    for (; done < n_events; ++done) predict(events + done * n_inputs(), outputs + done * n_outputs());
  }

 private:
  enum class Activation { linear, relu, sigmoid, tanh, softmax };
  enum class Rounding { down, half_up, half_even };

  // What rounds and saturates the values behind a layer; nothing where there are no scales.
  struct Quantizer {
    Rounding rounding = Rounding::down;
    bool wraps = false;
    std::vector<float> scale, step, low, high;  // one per value: powers of two, each other's inverse; the smallest and largest code
  };

  struct Layer {
    std::size_t n_in = 0, n_out = 0, padded = 0;
    Activation activation = Activation::linear;
    std::vector<float> weights, bias;  // (n_in, padded), (padded): a row per input, so that units lie side by side
    Quantizer quantizer;
  };

  std::vector<float> offset_, scale_;
  Quantizer input_quantizer_;
  std::vector<Layer> layers_;
  std::vector<std::string> input_names_, output_names_;
  std::size_t stride_ = 0;  // of the widest row, padded

  static std::size_t padded(std::size_t n) {
    return (n + reader_detail::kUnits - 1) / reader_detail::kUnits * reader_detail::kUnits;
  }

  explicit JsonNetwork(const reader_detail::Value& root) {
    using namespace reader_detail;
    for (const Value& input : array_of(root, "inputs", kNoLayer)) {
      input_names_.push_back(text_of(input, "name", kNoLayer));
      offset_.push_back(to_float(member(input, "offset", Kind::number, "a number", kNoLayer), "offset", kNoLayer));
      scale_.push_back(to_float(member(input, "scale", Kind::number, "a number", kNoLayer), "scale", kNoLayer));
    }
    widen(n_inputs(), kNoLayer);
    long entry = 0;
    for (const Value& layer : array_of(root, "layers", kNoLayer)) {
      const std::string& architecture = text_of(layer, "architecture", entry);
      if (architecture == "fixed_point") {
        add_quantizer(layer, entry);
      } else if (architecture == "dense") {
        add_layer(layer, entry);
      } else {
        fail(entry, "expected architecture dense or fixed_point");
      }
      ++entry;
    }
    if (layers_.empty()) fail(kNoLayer, "expected at least one layer");
    for (const Value& output : array_of(root, "outputs", kNoLayer)) {
      if (output.kind != Kind::string) fail(kNoLayer, "expected names in 'outputs'");
      output_names_.push_back(output.text);
    }
    if (output_names_.size() != n_outputs()) fail(kNoLayer, "expected " + std::to_string(n_outputs()) + " names in 'outputs'");
    if (has(root, "name")) check_identifier(text_of(root, "name", kNoLayer));
    check_names(input_names_, "inputs");
    check_names(output_names_, "outputs");
  }

  void widen(std::size_t width, long layer) {
    using namespace reader_detail;
    if (width == 0 || width > kWidest) {
      fail(layer, "expected 1 to " + std::to_string(kWidest) + " values. Received: " + std::to_string(width));
    }
    stride_ = std::max(stride_, padded(width));
  }

  void add_quantizer(const reader_detail::Value& packed, long index) {
    using namespace reader_detail;
    if (!layers_.empty() && layers_.back().activation == Activation::softmax) fail(index, "expected no fixed_point behind a softmax");
    Quantizer& quantizer = layers_.empty() ? input_quantizer_ : layers_.back().quantizer;
    if (!quantizer.scale.empty()) fail(index, "expected one fixed_point at a time");
    const std::string &rounding = text_of(packed, "rounding", index), &overflow = text_of(packed, "overflow", index);
    if (rounding != "TRN" && rounding != "RND" && rounding != "RND_CONV") fail(index, "expected rounding TRN, RND or RND_CONV");
    if (overflow != "WRAP" && overflow != "SAT" && overflow != "SAT_SYM") fail(index, "expected overflow WRAP, SAT or SAT_SYM");
    quantizer.rounding = rounding == "TRN" ? Rounding::down : rounding == "RND" ? Rounding::half_up : Rounding::half_even;
    quantizer.wraps = overflow == "WRAP";
    const std::size_t n = layers_.empty() ? n_inputs() : layers_.back().n_out;
    const std::vector<int> signs = has_kind(packed, "signed", Kind::array)
        ? bits(packed, "signed", n, index)
        : std::vector<int>(n, member(packed, "signed", Kind::boolean, "true or false", index).truth);
    const std::vector<int> widths = bits(packed, "width", n, index), integers = bits(packed, "integer", n, index);
    const bool whole = has_kind(packed, "width", Kind::number) && has_kind(packed, "integer", Kind::number);
    for (std::size_t i = 0; i < n; ++i) {
      const int width = widths[i], fraction = width - integers[i], most = quantizer.wraps ? kMostWrappingBits : kMostBits;
      if (width < (whole ? 1 : 0) || width > most) fail(index, "expected 'width' up to " + std::to_string(most) + " bits");
      if (std::abs(integers[i]) > kMostIntegerBits || std::abs(fraction) > kFarthestPoint) {
        fail(index, "expected 'width' - 'integer' from -" + std::to_string(kFarthestPoint) + " to " + std::to_string(kFarthestPoint));
      }
      if (signs[i] != 0 && signs[i] != 1) fail(index, "expected 0 and 1 for 'signed'");
      const double half = signs[i] ? std::ldexp(1.0, width - 1) : 0.0;
      const double symmetric = signs[i] && overflow == "SAT_SYM" && width > 1 ? 1.0 : 0.0;
      const double top = width == 0 ? 0.0 : std::ldexp(1.0, width) - half - 1.0;
      quantizer.scale.push_back(std::ldexp(1.0f, fraction));
      quantizer.step.push_back(std::ldexp(1.0f, -fraction));
      quantizer.low.push_back(width == 0 ? 0.0f : static_cast<float>(symmetric - half));
      quantizer.high.push_back(static_cast<float>(top));
    }
  }

  static bool has_kind(const reader_detail::Value& object, const std::string& key, reader_detail::Kind kind) {
    const auto found = std::find(object.keys.begin(), object.keys.end(), key);
    return found != object.keys.end() && object.items[static_cast<std::size_t>(found - object.keys.begin())].kind == kind;
  }

  // One number for all n values, or one for each.
  static std::vector<int> bits(const reader_detail::Value& packed, const std::string& key, std::size_t n, long index) {
    using namespace reader_detail;
    const auto whole = [&key, index](const Value& value) {
      const double number = value.kind == Kind::number ? value.number : 0.5;
      if (!(std::fabs(number) < 1000) || number != std::floor(number)) fail(index, "expected whole numbers of bits for '" + key + "'");
      return static_cast<int>(number);
    };
    if (!has_kind(packed, key, Kind::array)) {
      return std::vector<int>(n, whole(member(packed, key, Kind::number, "a number, or an array", index)));
    }
    const std::vector<Value>& values = array_of(packed, key, index);
    if (values.size() != n) fail(index, "expected " + std::to_string(n) + " numbers for '" + key + "'");
    std::vector<int> result;
    for (const Value& value : values) result.push_back(whole(value));
    return result;
  }

  void add_layer(const reader_detail::Value& packed, long index) {
    using namespace reader_detail;
    Layer layer;
    layer.activation = activation(text_of(packed, "activation", index), index);
    if (!layers_.empty() && layers_.back().activation == Activation::softmax) fail(index - 1, "expected softmax only at the end");
    const std::vector<Value>& weights = array_of(packed, "weights", index);
    const std::vector<Value>& bias = array_of(packed, "bias", index);
    layer.n_in = layers_.empty() ? n_inputs() : layers_.back().n_out;
    layer.n_out = bias.size();
    layer.padded = padded(layer.n_out);
    widen(layer.n_out, index);
    if (weights.size() % layer.n_out != 0 || weights.size() / layer.n_out != layer.n_in) {
      fail(index, "expected weights of " + std::to_string(layer.n_out) + " units x " + std::to_string(layer.n_in) +
                      " inputs. Received: " + std::to_string(weights.size()));
    }
    layer.weights.assign(layer.n_in * layer.padded, 0.0f);
    layer.bias.assign(layer.padded, 0.0f);
    for (std::size_t unit = 0; unit < layer.n_out; ++unit) {
      layer.bias[unit] = to_float(bias[unit], "bias", index);
      for (std::size_t input = 0; input < layer.n_in; ++input) {
        layer.weights[input * layer.padded + unit] = to_float(weights[unit * layer.n_in + input], "weights", index);
      }
    }
    layers_.push_back(std::move(layer));
  }

  static Activation activation(const std::string& name, long index) {
    if (name == "linear") return Activation::linear;
    if (name == "rectified" || name == "relu") return Activation::relu;
    if (name == "sigmoid") return Activation::sigmoid;
    if (name == "tanh") return Activation::tanh;
    if (name == "softmax") return Activation::softmax;
    reader_detail::fail(index, "expected activation linear, rectified, sigmoid, tanh or softmax. Received: " + name);
  }

  // Events rows of stride_ floats in each of two buffers, in turn the input and the output of a layer.
  template <std::size_t Events, std::size_t Capacity>
  void evaluate(const float* events, float* outputs) const noexcept {
    alignas(64) float buffers[2][Capacity];
    float *values = buffers[0], *next = buffers[1];
    for (std::size_t event = 0; event < Events; ++event) {
      const float* x = events + event * n_inputs();
      for (std::size_t i = 0; i < n_inputs(); ++i) values[event * stride_ + i] = (x[i] + offset_[i]) * scale_[i];
      quantise(input_quantizer_, values + event * stride_);
    }
    for (const Layer& layer : layers_) {
      dense<Events>(layer, values, next);
      for (std::size_t event = 0; event < Events; ++event) {
        activate(layer, next + event * stride_);
        quantise(layer.quantizer, next + event * stride_);
      }
      std::swap(values, next);
    }
    for (std::size_t event = 0; event < Events; ++event) {
      std::copy_n(values + event * stride_, n_outputs(), outputs + event * n_outputs());
    }
  }

  template <std::size_t Events>
  void dense(const Layer& layer, const float* values, float* sums) const noexcept {
    using namespace reader_detail;
    std::size_t first = 0;
    if constexpr (Events == 1 && kLanes > 1) {
      for (; first + 8 * kLanes <= layer.padded; first += 8 * kLanes) add_up<1, 8, 1>(layer, first, values, sums);
    }
    constexpr std::size_t quarters = Events == 1 ? 4 : 1;
    for (; first < layer.padded; first += kUnits) add_up<Events, kUnits / kLanes, quarters>(layer, first, values, sums);
  }

  // The sums of Vectors * kLanes units from `first` on, kept in registers: bias, the sums of four quarters of the inputs, what is
  // left of the inputs. So errors add up less, and Quarters of them can go on at once where a single chain of additions would
  // wait for itself. The order is the same whatever the template's numbers are: a batch gives the bits that single events give.
  template <std::size_t Events, std::size_t Vectors, std::size_t Quarters>
  void add_up(const Layer& layer, std::size_t first, const float* values, float* sums) const noexcept {
    using namespace reader_detail;
    const std::size_t quarter = layer.n_in / 4;
    const float* column = layer.weights.data() + first;
    Vector total[Events][Vectors];
    CODESIGN_UNROLL
    for (std::size_t event = 0; event < Events; ++event) {
      CODESIGN_UNROLL
      for (std::size_t vector = 0; vector < Vectors; ++vector) {
        total[event][vector] = load(layer.bias.data() + first + vector * kLanes);
      }
    }
    for (std::size_t start = 0; start < 4 * quarter; start += Quarters * quarter) {
      Vector part[Quarters][Events][Vectors] = {};
      for (std::size_t i = start; i < start + quarter; ++i) {
        CODESIGN_UNROLL
        for (std::size_t q = 0; q < Quarters; ++q) multiply_add(layer, column, values, i + q * quarter, part[q]);
      }
      CODESIGN_UNROLL
      for (std::size_t q = 0; q < Quarters; ++q) {
        CODESIGN_UNROLL
        for (std::size_t event = 0; event < Events; ++event) {
          CODESIGN_UNROLL
          for (std::size_t vector = 0; vector < Vectors; ++vector) total[event][vector] += part[q][event][vector];
        }
      }
    }
    for (std::size_t i = 4 * quarter; i < layer.n_in; ++i) multiply_add(layer, column, values, i, total);
    CODESIGN_UNROLL
    for (std::size_t event = 0; event < Events; ++event) {
      CODESIGN_UNROLL
      for (std::size_t vector = 0; vector < Vectors; ++vector) {
        std::memcpy(sums + event * stride_ + first + vector * kLanes, &total[event][vector], sizeof(Vector));
      }
    }
  }

  // Adds input i of every event times its row of weights.
  template <std::size_t Events, std::size_t Vectors>
  void multiply_add(const Layer& layer, const float* column, const float* values, std::size_t i,
                    reader_detail::Vector (&sums)[Events][Vectors]) const noexcept {
    CODESIGN_UNROLL
    for (std::size_t vector = 0; vector < Vectors; ++vector) {
      const reader_detail::Vector weights = load(column + i * layer.padded + vector * reader_detail::kLanes);
      CODESIGN_UNROLL
      for (std::size_t event = 0; event < Events; ++event) sums[event][vector] += values[event * stride_ + i] * weights;
    }
  }

  static reader_detail::Vector load(const float* from) noexcept {
    reader_detail::Vector result;
    std::memcpy(&result, from, sizeof result);
    return result;
  }

  static void quantise(const Quantizer& quantizer, float* values) noexcept {
    for (std::size_t i = 0; i < quantizer.scale.size(); ++i) {
      const float scaled = values[i] * quantizer.scale[i], low = quantizer.low[i], high = quantizer.high[i];
      const float shifted = quantizer.rounding == Rounding::half_up ? scaled + 0.5f : scaled;
      float code = quantizer.rounding == Rounding::half_even ? std::nearbyint(scaled) : std::floor(shifted);
      if (quantizer.wraps) {
        const float span = high - low + 1.0f, rest = code - std::floor(code / span) * span;
        code = rest > high ? rest - span : rest;
      } else {
        code = code < low ? low : code > high ? high : code;
      }
      values[i] = code * quantizer.step[i];
    }
  }

  static void activate(const Layer& layer, float* values) noexcept {
    const std::size_t n = layer.n_out;
    switch (layer.activation) {
      case Activation::linear:
        return;
      case Activation::relu:
        for (std::size_t i = 0; i < layer.padded; ++i) values[i] = values[i] < 0.0f ? 0.0f : values[i];
        return;
      case Activation::sigmoid:
        for (std::size_t i = 0; i < n; ++i) values[i] = 1.0f / (1.0f + std::exp(-values[i]));
        return;
      case Activation::tanh:
        for (std::size_t i = 0; i < n; ++i) values[i] = std::tanh(values[i]);
        return;
      case Activation::softmax:
        const float largest = *std::max_element(values, values + n);
        float sum = 0.0f;
        for (std::size_t i = 0; i < n; ++i) sum += values[i] = std::exp(values[i] - largest);
        for (std::size_t i = 0; i < n; ++i) values[i] /= sum;
        return;
    }
  }
};

}  // namespace codesign

#undef CODESIGN_UNROLL
#endif  // CODESIGN_READER_HPP
