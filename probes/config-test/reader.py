def read(params, host): return {}, ""
