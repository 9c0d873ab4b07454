"""What every KfI service needs to keep its promises; not one domain word."""
