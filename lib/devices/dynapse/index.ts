/** DynapSE boards. No device support yet. */
export {};
