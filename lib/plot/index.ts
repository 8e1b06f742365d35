/** Plots of time series and networks. No plot yet. */
export {};
