/** DynapSE boards. */
export { BoardWatcher, watchBoards } from './watch.js';
export type { BoardChange, BoardWatcherEvents, SeenBoard, WatchBoardsOptions } from './watch.js';
