// What is used here of Node-API, the stable binary interface of add-ons: the functions are in the
// process that loads this.

#ifndef BATCHES_NODE_API_H
#define BATCHES_NODE_API_H

#include <stddef.h>
#include <stdint.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
typedef int napi_status;

#define NAPI_OK 0
#define NAPI_UINT8_ARRAY 1
#define NAPI_FLOAT64_ARRAY 8
#define NAPI_AUTO_LENGTH ((size_t)-1)

napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *count, napi_value *values,
                             napi_value *self, void **data);
napi_status napi_get_typedarray_info(napi_env, napi_value, int *type, size_t *length, void **data,
                                     napi_value *buffer, size_t *offset);
napi_status napi_get_value_uint32(napi_env, napi_value, uint32_t *result);
napi_status napi_get_value_int32(napi_env, napi_value, int32_t *result);
napi_status napi_create_uint32(napi_env, uint32_t, napi_value *result);
napi_status napi_create_function(napi_env, const char *name, size_t length, napi_callback,
                                 void *data, napi_value *result);
napi_status napi_set_named_property(napi_env, napi_value object, const char *name, napi_value);
napi_status napi_throw_type_error(napi_env, const char *code, const char *message);

#endif
