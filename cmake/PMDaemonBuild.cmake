# This file is part of PMDaemon.
# SPDX-FileCopyrightText: 2026 The PMDaemon authors
# SPDX-License-Identifier: MIT

# Everything that every target shares: language, warnings, sanitizers, Qt's strict mode.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_package(Qt6 6.4 REQUIRED COMPONENTS Core Network Sql WebSockets)
if(PMDAEMON_GUI)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Gui Widgets Charts Svg LinguistTools)
endif()
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED)
qt_standard_project_setup()
# What moc generates lies below the build directory; clang-tidy wants one check at least.
file(WRITE "${CMAKE_BINARY_DIR}/.clang-tidy" "Checks: '-*,llvm-twine-local'\n")

add_library(pmdaemon_build INTERFACE)
target_include_directories(pmdaemon_build INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(pmdaemon_build INTERFACE
    # No -Wnull-dereference: GCC 12 sees one in Qt's QHash as soon as it inlines.
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<BOOL:${PMDAEMON_WERROR}>:-Werror>
    # What the daemon never calls need not be in its memory.
    $<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
target_link_options(pmdaemon_build INTERFACE $<$<CONFIG:Release>:-Wl,--gc-sections> $<$<CONFIG:Release>:-Wl,-z,pack-relative-relocs>)
target_compile_definitions(pmdaemon_build INTERFACE
    PMDAEMON_VERSION="${PROJECT_VERSION}"
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_URL_CAST_FROM_STRING
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_NO_FOREACH QT_USE_QSTRINGBUILDER
    QT_DISABLE_DEPRECATED_BEFORE=0x060400)

# pmdaemon_module(NAME LINK libs…): one static library per folder; rooms add their files with
# pmdaemon_sources().
function(pmdaemon_module name)
    cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
    add_library(pmdaemon_${name} STATIC)
    target_link_libraries(pmdaemon_${name} PUBLIC pmdaemon_build ${ARG_LINK})
    set_target_properties(pmdaemon_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# pmdaemon_sources(NAME files…): .cpp are compiled; each .h is also compiled alone by the target
# all_verify_interface_header_sets.
function(pmdaemon_sources name)
    set(headers ${ARGN})
    list(FILTER headers INCLUDE REGEX "\\.h$")
    set(sources ${ARGN})
    list(FILTER sources EXCLUDE REGEX "\\.h$")
    list(TRANSFORM headers PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
    list(TRANSFORM sources PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
    target_sources(pmdaemon_${name} PRIVATE ${sources} ${headers}
        PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
endfunction()

# pmdaemon_hot(NAME files…): what runs for each message, line or sample is compiled for speed; the
# release preset compiles all else for size, because what the daemon has run once stays in its memory.
function(pmdaemon_hot name)
    list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
    set_source_files_properties(${ARGN} TARGET_DIRECTORY pmdaemon_${name}
        PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O2>)
endfunction()
