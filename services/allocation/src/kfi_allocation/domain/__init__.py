"""The words of the trade, pure: instance, cost, plan, orders, comparison of places. Every figure is exact."""
