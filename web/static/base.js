// Where this server's pages begin: behind a proxy that may be a path of its host.

/** Return a path of this server, such as `/staff`, as an address of the page's host. */
export const at = (path) => document.documentElement.dataset.base + path;
