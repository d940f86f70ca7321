# Debian 12's mbedTLS 2.28 ships neither a CMake config nor a .pc file.
find_path(MbedTLS_INCLUDE_DIR mbedtls/version.h)
find_library(MbedTLS_CRYPTO_LIBRARY mbedcrypto)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MbedTLS REQUIRED_VARS MbedTLS_CRYPTO_LIBRARY MbedTLS_INCLUDE_DIR)
if(MbedTLS_FOUND AND NOT TARGET MbedTLS::crypto)
  add_library(MbedTLS::crypto UNKNOWN IMPORTED)
  set_target_properties(MbedTLS::crypto PROPERTIES
    IMPORTED_LOCATION ${MbedTLS_CRYPTO_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${MbedTLS_INCLUDE_DIR})
endif()
