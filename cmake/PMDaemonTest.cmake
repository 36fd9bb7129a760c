# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT

# pmdaemon_test(NAME SOURCES files… LINK libs… [LABELS labels…] [TIMEOUT seconds] [ENV VAR=value…])
# One Qt Test executable, run by ctest with homes and runtime directories of its own (the tests
# make them with QTemporaryDir).
function(pmdaemon_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS;ENV" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 60)
    endif()
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE pmdaemon_build pmdaemon_testsupport Qt6::Test ${ARG_LINK})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES
        TIMEOUT ${ARG_TIMEOUT}
        LABELS "${ARG_LABELS}"
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;LC_ALL=C.UTF-8;TZ=UTC;${ARG_ENV}")
endfunction()

# pmdaemon_uses_shim(TARGET): defines PMDAEMON_SHIM, the path of pmdaemon-shim.
function(pmdaemon_uses_shim target)
    add_dependencies(${target} pmdaemon-shim)
    target_compile_definitions(${target} PRIVATE PMDAEMON_SHIM="$<TARGET_FILE:pmdaemon-shim>")
endfunction()
