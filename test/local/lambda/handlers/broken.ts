throw new TypeError('the module can not be loaded');
