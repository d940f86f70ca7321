# Settings every target of ours shares, and the three functions the folders' CMakeLists call.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(LOTMARK_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them; empty for none")

add_library(lotmark_flags INTERFACE)
target_compile_options(lotmark_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Werror -fno-omit-frame-pointer
  $<$<AND:$<BOOL:${LOTMARK_TOGETHER}>,$<COMPILE_LANGUAGE:CXX>>:-Wno-subobject-linkage>)  # a source looks like a header there
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees unset members in every moved std::variant and std::optional (GCC bug 105562 and kin), and
  # at -O2 overlaps and bounds in std::string and std::array that are not there (105651, 105329).
  target_compile_options(lotmark_flags INTERFACE -Wno-maybe-uninitialized
    $<$<CONFIG:RelWithDebInfo>:-Wno-restrict> $<$<CONFIG:RelWithDebInfo>:-Wno-array-bounds>)
else()
  # clang builds only the fuzzers: it may warn, g++ is the judge.
  target_compile_options(lotmark_flags INTERFACE -Wno-error)
endif()
# Sources compiled together come into a program together: what it does not use is left out of what ships.
target_compile_options(lotmark_flags INTERFACE $<$<CONFIG:RelWithDebInfo>:-ffunction-sections> $<$<CONFIG:RelWithDebInfo>:-fdata-sections>)
target_link_options(lotmark_flags INTERFACE $<$<CONFIG:RelWithDebInfo>:LINKER:--gc-sections>)
target_include_directories(lotmark_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(lotmark_flags INTERFACE LOTMARK_VERSION="${PROJECT_VERSION}")
if(LOTMARK_SANITIZE)
  target_compile_options(lotmark_flags INTERFACE -fsanitize=${LOTMARK_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(lotmark_flags INTERFACE -fsanitize=${LOTMARK_SANITIZE})
  if(LOTMARK_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ warns of each fence in boost::asio, which the thread sanitizer does not see. It sees asio's mutexes: what goes
    # from one thread to another goes under them.
    target_compile_options(lotmark_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-tsan>)
  endif()
endif()

# Headers cost most of a build: sources of one target are compiled ten together, which takes less than half the time. Names in
# their unnamed namespaces must differ then; what cannot join names itself with lotmark_alone. The preset fuzz and
# scripts/check's tidy read each source by itself, so that each names what it includes.
option(LOTMARK_TOGETHER "Compile the C++ sources of a target ten together" OFF)

function(lotmark_together target)
  get_target_property(sources ${target} SOURCES)
  if(LOTMARK_TOGETHER AND "${sources}" MATCHES "[.]cpp")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
  endif()
endfunction()

# Tests read tests/precompiled.h as compiled once; the first to ask makes it.
function(lotmark_precompiled target)
  if(NOT LOTMARK_TOGETHER)
    return()
  endif()
  if(NOT TARGET lotmark_precompiled)
    file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "int main() {}\n")
    add_executable(lotmark_precompiled ${CMAKE_BINARY_DIR}/precompiled.cpp)  # compiled as programs are
    target_link_libraries(lotmark_precompiled PRIVATE lotmark_flags fmt::fmt nlohmann_json::nlohmann_json GTest::gtest)
    target_precompile_headers(lotmark_precompiled PRIVATE ${PROJECT_SOURCE_DIR}/tests/precompiled.h)
  endif()
  target_precompile_headers(${target} REUSE_FROM lotmark_precompiled)
endfunction()

# lotmark_alone(SOURCE ...): these are compiled by themselves.
function(lotmark_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# lotmark_library(NAME SOURCES ... LINK ...): static library lotmark_NAME, alias lotmark::NAME.
function(lotmark_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(lotmark_${name} STATIC ${ARG_SOURCES})
  add_library(lotmark::${name} ALIAS lotmark_${name})
  target_link_libraries(lotmark_${name} PUBLIC ${ARG_LINK} PRIVATE lotmark_flags ${ARG_PRIVATE_LINK})
  target_include_directories(lotmark_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  lotmark_together(lotmark_${name})
endfunction()

# lotmark_program(NAME SOURCES ... LINK ...): an executable called NAME in the build's bin folder.
function(lotmark_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE lotmark_flags ${ARG_LINK})
  lotmark_together(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# lotmark_test(NAME SOURCES ... LINK ... [LABELS ...] [TIMEOUT seconds]): a GoogleTest program, one CTest entry.
function(lotmark_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT TARGET GTest::gtest_main)
    find_package(GTest REQUIRED)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE lotmark_flags ${ARG_LINK} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE
    LOTMARK_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LOTMARK_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  lotmark_together(${name})
  lotmark_precompiled(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
