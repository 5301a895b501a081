# find_package(rlsf): the imported target rlsf::rlsf.
#
# Stands in PREFIX/lib/cmake/rlsf, beside PREFIX/lib/librlsf_override.so (or .a) and PREFIX/include/rlsf.h.

get_filename_component(_rlsf_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

find_library(_rlsf_library
    NAMES rlsf_override
    PATHS "${_rlsf_prefix}/lib"
    NO_DEFAULT_PATH
    NO_CACHE)

if(NOT _rlsf_library)
    set(rlsf_FOUND FALSE)
    set(rlsf_NOT_FOUND_MESSAGE "${_rlsf_prefix}/lib has no library rlsf_override")
    return()
endif()

if(NOT TARGET rlsf::rlsf)
    add_library(rlsf::rlsf UNKNOWN IMPORTED)
    set_target_properties(rlsf::rlsf PROPERTIES
        IMPORTED_LOCATION "${_rlsf_library}"
        IMPORTED_NO_SONAME TRUE
        INTERFACE_INCLUDE_DIRECTORIES "${_rlsf_prefix}/include")
endif()
