// The kernel takes no errno of 512 and more from a file system.

export const errnoMax = 511;
