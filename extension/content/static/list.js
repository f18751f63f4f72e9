globalThis.brushawayPictures.listed(); // what running this answers with
