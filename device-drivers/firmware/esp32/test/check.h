#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/** Ends the program with the place and the text of a condition that does not hold. */
#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      fprintf(stderr, "%s:%d: CHECK(%s) does not hold\n", __FILE__, __LINE__, #condition); \
      exit(1); \
    } \
  } while (false)

/** Compares two numbers, and says what they are. */
#define CHECK_EQUAL(actual, expected) checkEqual((actual), (expected), #actual, __FILE__, __LINE__)

template <typename Actual, typename Expected>
void checkEqual(const Actual& actual, const Expected& expected, const char* text, const char* file, int line) {
  if (actual == static_cast<Actual>(expected)) return;
  fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", file, line, text, static_cast<long long>(actual),
          static_cast<long long>(expected));
  exit(1);
}

/** A test is a function whose name is a sentence; it runs before `main` is left. */
struct Test {
  const char* name;
  void (*run)();
  Test* next;
  static Test*& first() {
    static Test* list = nullptr;
    return list;
  }
  Test(const char* testName, void (*test)()) : name(testName), run(test), next(first()) { first() = this; }
};

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define TEST(name) \
  static void JOIN(test, __LINE__)(); \
  static const Test JOIN(listed, __LINE__)(name, JOIN(test, __LINE__)); \
  static void JOIN(test, __LINE__)()

/** Chance that is the same in every run (xorshift64*, Vigna 2016). */
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed * 2654435761u + 88172645463325252u) {}
  uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 2685821657736338717u;
  }
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>((next() >> 32) % limit); }

 private:
  uint64_t state_;
};
