# Run by the whole build, each time: brings the images for mps2 up to date, or says aloud why there are none.
#   cmake -DSOURCE=this folder -DBUILD=folder -DARCHIVE=mbedTLS sources -DVERSION=x.y.z -DOUT=folder -P build.cmake
# None are left in OUT when none can be made, so that no test runs an old one.
find_program(gcc arm-none-eabi-gcc)
set(why "")
if(NOT gcc)
  set(why "there is no arm-none-eabi-gcc")
elseif(NOT EXISTS ${ARCHIVE})
  set(why "there are no mbedTLS sources: scripts/firmware-sources fetches them")
endif()
if(why)
  file(REMOVE_RECURSE ${OUT})
  message(NOTICE "NO FIRMWARE for Cortex-M: ${why}")
  return()
endif()
if(NOT EXISTS ${BUILD}/build.ninja)
  set(launcher "")
  find_program(ccache ccache)
  if(ccache)
    set(launcher -DCMAKE_C_COMPILER_LAUNCHER=ccache)
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} -G Ninja ${launcher}
    -DCMAKE_TOOLCHAIN_FILE=${SOURCE}/../../toolchain.cmake -DLOTMARK_MBEDTLS_ARCHIVE=${ARCHIVE}
    -DLOTMARK_VERSION=${VERSION} -DCMAKE_RUNTIME_OUTPUT_DIRECTORY=${OUT}
    COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endif()
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} COMMAND_ERROR_IS_FATAL ANY)
