// The one include site of Node-API: its configuration must be the same in every file of the glue.
#pragma once

#define NAPI_VERSION 8
#define NODE_ADDON_API_CPP_EXCEPTIONS
#define NODE_ADDON_API_CPP_EXCEPTIONS_ALL
#define NODE_ADDON_API_DISABLE_DEPRECATED
// Electron forbids external buffers: with this a call that makes one does not compile.
#define NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED
// A worker that is being terminated answers "cannot run JavaScript" to everything; that must not end the process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS

#include <napi.h>
