# THROWAWAY by the lead until helper C's file arrives: overwrite it.
class SheetPages:
    pass
